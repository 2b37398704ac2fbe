package org.openmrs.sync2.acceptance.server;

import java.io.IOException;
import java.util.Map;
import org.openmrs.sync2.acceptance.CaseFailure;

/**
 * A server that saves by itself, without any sync and without a request for each object: what the
 * module {@code sync2probe} on it does.
 */
public final class BareSaving {

  private static final String ROOT = "sync2probe/saving/";

  private final OpenMrsServer server;

  public BareSaving(OpenMrsServer server) {
    this.server = server;
  }

  /**
   * Has new objects saved.
   *
   * @param asked as the module's {@code MadeUpRequest} has it
   * @return the seconds that it took
   */
  public double saveNew(Map<String, Object> asked) throws IOException {
    return seconds("new", asked);
  }

  /**
   * Has patients changed.
   *
   * @param asked as the module's {@code EditsRequest} has it
   * @return the seconds that it took
   */
  public double saveEdits(Map<String, Object> asked) throws IOException {
    return seconds("edits", asked);
  }

  private double seconds(String what, Map<String, Object> asked) throws IOException {
    long millis = server.write(ROOT + what, asked).path("millis").asLong();
    CaseFailure.unless(millis > 0, "sync2probe saved nothing: " + asked);
    return millis / 1000.0;
  }

  /** Why the server cannot do it, such as a missing module; empty where it can. */
  public String whyNot() throws IOException {
    Answer answer =
        server.postRest(ROOT + "edits", Map.of("uuids", new String[0], "birthdate", "1984-05-17"));
    return answer.ok() ? "" : answer.status() + " " + answer.excerpt();
  }
}
