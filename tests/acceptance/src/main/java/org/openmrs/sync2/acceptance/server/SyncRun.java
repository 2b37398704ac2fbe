package org.openmrs.sync2.acceptance.server;

import com.fasterxml.jackson.databind.JsonNode;

/** What the module says of a run. */
public record SyncRun(JsonNode json) {

  /** Whether it has ended. */
  public boolean ended() {
    return !state().equals("running");
  }

  /** {@code completed}, {@code interrupted}, … */
  public String state() {
    return json.path("state").asText();
  }

  /** How many events became this, such as {@code APPLIED}. */
  public long count(String status) {
    return json.path("counts").path(status).asLong();
  }

  /** How many events it has passed. */
  public long events() {
    return json.path("events").asLong();
  }

  /** Why it did not complete, such as {@code Unreachable}; empty when it did. */
  public String errorKind() {
    return json.path("error").path("kind").asText();
  }

  /** How long it took, in seconds. */
  public double seconds() {
    return (json.path("endedAt").asLong() - json.path("startedAt").asLong()) / 1000.0;
  }

  /** State, counts and error, for messages. */
  @Override
  public String toString() {
    JsonNode error = json.path("error");
    String why =
        error.isObject()
            ? ", " + error.path("kind").asText() + ": " + error.path("message").asText()
            : "";
    return "the run "
        + json.path("id").asText()
        + " is "
        + state()
        + ", "
        + json.path("counts")
        + why;
  }
}
