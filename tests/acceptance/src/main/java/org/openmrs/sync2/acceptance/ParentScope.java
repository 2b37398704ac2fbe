package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.RefusedException;
import org.openmrs.sync2.acceptance.server.SyncModule;

/** Configures the parent otherwise, for a while. */
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
    configured(servers, earlier -> limited(earlier, account, limits), body);
  }

  /**
   * Has the parent let an account exchange everything that its privileges allow; one that it does
   * not name may do nothing. Where the parent does not have the module there is no exchange.
   */
  public static void name(OpenMrsServer server, String account) throws IOException {
    SyncModule parent = new SyncModule(server);
    ObjectNode earlier;
    try {
      earlier = acceptable(parent.configuration());
    } catch (RefusedException e) {
      return;
    }
    parent.configure(limited(earlier, account, Map.of("write", List.of("*"))));
  }

  /** Does something while the parent refuses what does not keep its rules of data entry. */
  public static void strict(TwoServers servers, Body body) throws Exception {
    configured(servers, earlier -> earlier.deepCopy().put("validation", "strict"), body);
  }

  private static void configured(TwoServers servers, UnaryOperator<ObjectNode> change, Body body)
      throws Exception {
    SyncModule parent = new SyncModule(servers.parent());
    ObjectNode earlier = acceptable(parent.configuration());
    parent.configure(change.apply(earlier));
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
    ObjectNode limited = (ObjectNode) Json.tree(limits);
    limited.set("write", limited.has("write") ? limited.get("write") : Json.tree(List.of("*")));
    document.withObjectProperty("exchange").withObjectProperty("children").set(account, limited);
    return document;
  }
}
