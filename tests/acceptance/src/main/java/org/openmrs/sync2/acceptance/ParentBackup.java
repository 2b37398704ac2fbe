package org.openmrs.sync2.acceptance;

import java.time.Duration;

/** Copies the parent's database and puts it back with the commands of whoever runs the suite. */
public final class ParentBackup {

  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final String backup;
  private final String restore;

  ParentBackup(String backup, String restore) {
    this.backup = backup;
    this.restore = restore;
  }

  /** Makes a copy of what the parent has now. */
  public void make() throws Exception {
    Command.run(backup, LIMIT);
  }

  /** Puts the copy back; the parent must be stopped. */
  public void restore() throws Exception {
    Command.run(restore, LIMIT);
  }
}
