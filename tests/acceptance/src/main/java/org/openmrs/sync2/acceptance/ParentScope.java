package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.SyncModule;

/** Limits what an account may exchange at the parent, for a while. */
public final class ParentScope {

  private ParentScope() {}

  /** What is done meanwhile. */
  @FunctionalInterface
  public interface Body {
    void run() throws Exception;
  }

  /**
   * Does something while the parent limits an account, and gives the parent its earlier
   * configuration back.
   *
   * @param limits {@code locations} and {@code categories}, as {@code exchange.children} takes them
   */
  public static void limit(TwoServers servers, String account, Map<String, ?> limits, Body body)
      throws Exception {
    SyncModule parent = new SyncModule(servers.parent());
    ObjectNode earlier = acceptable(parent.configuration());
    parent.configure(limited(earlier, account, limits));
    try {
      body.run();
    } finally {
      parent.configure(earlier);
    }
  }

  /** A module that was never configured has no parent, but takes that only without runs. */
  static ObjectNode acceptable(JsonNode configuration) {
    ObjectNode document = configuration.deepCopy();
    if (!document.has("parent")) {
      document.withObjectProperty("pull").put("enabled", false);
      document.withObjectProperty("push").put("enabled", false);
    }
    return document;
  }

  /** The configuration with the limits of an account. */
  static ObjectNode limited(ObjectNode configuration, String account, Map<String, ?> limits) {
    ObjectNode document = configuration.deepCopy();
    document
        .withObjectProperty("exchange")
        .withObjectProperty("children")
        .set(account, Json.tree(limits));
    return document;
  }
}
