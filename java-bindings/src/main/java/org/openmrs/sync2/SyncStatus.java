package org.openmrs.sync2;

import com.fasterxml.jackson.databind.JsonNode;

/** What the engine is doing, and how the last run ended. */
public final class SyncStatus {

  private final byte[] json;
  private final JsonNode tree;

  SyncStatus(byte[] json) {
    this.json = json;
    this.tree = Json.tree(json);
  }

  /** Whether a pull is under way here. */
  public boolean running() {
    return tree.path("running").asBoolean();
  }

  /** All of it as UTF-8 JSON, as the HTTP API gives it. */
  public byte[] json() {
    return json.clone();
  }
}
