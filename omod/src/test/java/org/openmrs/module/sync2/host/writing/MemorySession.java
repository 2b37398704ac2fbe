package org.openmrs.module.sync2.host.writing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.openmrs.Obs;
import org.openmrs.User;

/** A session that keeps what is stored in memory, and what happened in order. */
final class MemorySession implements WritingSession {

  static final Date NOW = new Date(1_700_000_000_000L);

  final User user = new User();
  final List<Object> stored = new ArrayList<>();
  final List<String> steps = new ArrayList<>();

  /** A writing of one document that records these rules as broken, whatever is asked. */
  Writing recording(BrokenRule... broken) {
    return new Writing(this, EntryRules.recording(object -> Arrays.asList(broken)));
  }

  /** A writing of one document that is refused for these rules. */
  Writing strict(BrokenRule... broken) {
    return new Writing(this, EntryRules.strict(object -> Arrays.asList(broken)));
  }

  @Override
  public User user() {
    return user;
  }

  @Override
  public Date now() {
    return NOW;
  }

  @Override
  public void store(Object object) {
    stored.add(object);
    steps.add("store");
  }

  @Override
  public void flush() {
    steps.add("flush");
  }

  @Override
  public void flushingOnce(Runnable work) {
    work.run();
    steps.add("flush");
  }

  @Override
  public void moveMembers(Obs from, Obs to) {
    steps.add("members from " + from.getUuid() + " to " + to.getUuid());
  }
}
