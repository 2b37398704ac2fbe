package org.openmrs.sync2;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A host's word on its listening to its own changes, see {@link SyncEngine#listening}. Times are
 * milliseconds since 1970 by the clock that the host dates its objects by. Cannot be changed.
 */
public final class ListeningStep {

  private final ObjectNode json = Json.MAPPER.createObjectNode();

  private ListeningStep(String step) {
    json.put("step", step);
  }

  private ListeningStep with(String name, long value) {
    json.put(name, value);
    return this;
  }

  /** It begins to listen now: what changed since it was last heard of was missed. */
  public static ListeningStep begins(long time) {
    return new ListeningStep("begins").with("time", time);
  }

  /** It has listened until now. */
  public static ListeningStep listens(long time) {
    return new ListeningStep("listens").with("time", time);
  }

  /** It has missed some changes between these times. */
  public static ListeningStep missed(long from, long until) {
    return new ListeningStep("missed").with("from", from).with("until", until);
  }

  /** So many objects were there before it listened for the first time. */
  public static ListeningStep counted(long older) {
    return new ListeningStep("counted").with("older", older);
  }

  /**
   * The findings are in the outbox.
   *
   * @param kind what was searched, a name of at most 64 characters
   * @param passed the last primary key that was looked at
   * @param found how many changes were found since the last such step
   */
  public static ListeningStep searched(SyncGap gap, String kind, long passed, long found) {
    ListeningStep step = new ListeningStep("searched").with("gap", gap.number());
    step.json.put("kind", kind);
    return step.with("passed", passed).with("found", found);
  }

  /** All of a gap was searched. */
  public static ListeningStep ended(SyncGap gap, long time) {
    return new ListeningStep("ended").with("gap", gap.number()).with("time", time);
  }

  byte[] json() {
    return Json.write(json);
  }
}
