package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

class SyncConfigurationTest {

  private static final Login ACCOUNT = new Login("admin", "secret");

  private static SyncConfiguration standard(JsonNode earlier, String representation) {
    return SyncConfiguration.standard(
        "http://parent.example.org", ACCOUNT, earlier, representation);
  }

  private static JsonNode earlier() {
    return Json.tree(Map.of("categories", Map.of("patient", Map.of("representation", "rest"))));
  }

  @Test
  void theModulesOwnRepresentationIsKept() {
    JsonNode categories = standard(earlier(), null).document().path("categories");
    assertEquals("rest", categories.path("patient").path("representation").asText());
    assertTrue(categories.has("visit"));
    assertFalse(categories.path("encounter").has("representation"));
  }

  @Test
  void anotherRepresentationIsAskedForOnlyWhereThereAreTwo() {
    JsonNode categories = standard(earlier(), "fhir").document().path("categories");
    assertEquals("fhir", categories.path("patient").path("representation").asText());
    assertFalse(categories.path("visit").has("representation"));
  }

  @Test
  void changesMakeAnotherConfiguration() {
    SyncConfiguration standard = standard(earlier(), null);
    SyncConfiguration changed =
        standard.with("transfer", "batchSize", 1).without("location").with("pull", "enabled", true);
    assertEquals(1, changed.document().path("transfer").path("batchSize").asInt());
    assertFalse(
        changed.document().path("categories").path("location").path("pull").asBoolean(true));
    assertEquals("proceed", changed.document().path("pull").path("onRecordFailure").asText());
    assertFalse(standard.document().has("transfer"));
  }

  @Test
  void aSettingOfACategoryLeavesItsOthers() {
    JsonNode categories =
        standard(earlier(), null)
            .withCategory("patient", "push", false)
            .document()
            .path("categories");
    assertFalse(categories.path("patient").path("push").asBoolean(true));
    assertEquals("rest", categories.path("patient").path("representation").asText());
    assertFalse(categories.path("encounter").has("push"));
  }

  @Test
  void nothingRunsByItself() {
    JsonNode document = standard(earlier(), null).document();
    assertFalse(document.path("pull").path("enabled").asBoolean(true));
    assertFalse(document.path("push").path("enabled").asBoolean(true));
  }
}
