package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParentScopeTest {

  private static final Map<String, ?> LIMITS = Map.of("categories", List.of("patient"));

  private static ObjectNode configuration(Map<String, ?> document) {
    return (ObjectNode) Json.tree(document);
  }

  @Test
  void theLimitsOfOthersAreKept() {
    ObjectNode earlier =
        configuration(
            Map.of("exchange", Map.of("concurrency", 2, "children", Map.of("other", Map.of()))));
    ObjectNode limited = ParentScope.limited(earlier, "account", LIMITS);
    assertEquals(2, limited.at("/exchange/concurrency").asInt());
    assertEquals(Json.tree(Map.of()), limited.at("/exchange/children/other"));
    ObjectNode account = (ObjectNode) limited.at("/exchange/children/account");
    assertEquals("*", account.remove("write").path(0).asText());
    assertEquals(Json.tree(LIMITS), account);
    assertFalse(earlier.at("/exchange/children").has("account"));
  }

  @Test
  void aModuleWithoutAParentRunsNothing() {
    ObjectNode root = ParentScope.acceptable(configuration(Map.of("feed", Map.of())));
    assertFalse(root.at("/pull/enabled").asBoolean(true));
    assertFalse(root.at("/push/enabled").asBoolean(true));
  }

  @Test
  void aParentThatHasOneItselfGoesOn() {
    ObjectNode earlier = configuration(Map.of("parent", Map.of("url", "http://root.example.org")));
    assertEquals(earlier, ParentScope.acceptable(earlier));
  }
}
