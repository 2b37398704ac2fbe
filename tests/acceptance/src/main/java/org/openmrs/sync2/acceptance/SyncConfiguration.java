package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** A configuration document for the module on the child. Immutable. */
public final class SyncConfiguration {

  /** What is pulled, in the representation that the module prefers. */
  private static final List<String> CATEGORIES =
      List.of(
          "encounter_type",
          "visittype",
          "encounter_role",
          "patient_identifier_type",
          "person_attribute_type",
          "visit_attribute_type",
          "location_attribute_type",
          "provider_attribute_type",
          "relationship_type",
          "location",
          "person",
          "provider",
          "patient",
          "patient_identifier",
          "person_name",
          "person_address",
          "person_attribute",
          "relationship",
          "visit",
          "encounter",
          "observation");

  /** Those of them that exist in both representations. */
  private static final Set<String> IN_BOTH =
      Set.of("location", "person", "provider", "patient", "encounter", "observation");

  /** What is asked for as REST although FHIR has it, too: OpenMRS's FHIR module cannot save it. */
  private static final Set<String> ONLY_REST = Set.of("relationship");

  private final ObjectNode document;

  private SyncConfiguration(ObjectNode document) {
    this.document = document;
  }

  /**
   * What the cases begin with.
   *
   * @param earlier what the module was configured with: it gives the kind of feed that is read, and
   *     each category's representation
   * @param representation {@code fhir} or {@code rest} for every category that exists in both; null
   *     for what the module had
   */
  static SyncConfiguration standard(
      String parentUrl, Login account, JsonNode earlier, String representation) {
    ObjectNode document = (ObjectNode) Json.tree(Map.of());
    document
        .putObject("parent")
        .put("url", parentUrl)
        .put("username", account.username())
        .put("password", account.password());
    JsonNode feed = earlier.path("parent").path("feed");
    if (feed.isTextual()) {
      document.withObjectProperty("parent").set("feed", feed);
    }
    // Only the cases pull and push, the schedule must not do it in between.
    document.putObject("pull").put("enabled", false).put("onRecordFailure", "proceed");
    document.putObject("push").put("enabled", false).put("onRecordFailure", "proceed");
    // Short pauses, so that a parent that is away ends a run soon.
    document.putObject("retry").put("attempts", 4).put("firstDelaySeconds", 0.5).put("factor", 2);
    ObjectNode categories = document.putObject("categories");
    for (String category : CATEGORIES) {
      ObjectNode settings = categories.putObject(category);
      if (ONLY_REST.contains(category)) {
        settings.put("representation", "rest");
      }
      if (IN_BOTH.contains(category)) {
        String before = earlier.path("categories").path(category).path("representation").asText();
        String wanted = representation == null ? before : representation;
        if (!wanted.isEmpty()) {
          settings.put("representation", wanted);
        }
      }
    }
    return new SyncConfiguration(document);
  }

  /** Which representation the categories travel in that exist in both, for people. */
  String representations() {
    Map<String, String> chosen = new TreeMap<>();
    IN_BOTH.forEach(
        category ->
            chosen.put(
                category,
                document
                    .path("categories")
                    .path(category)
                    .path("representation")
                    .asText("default")));
    return chosen.toString();
  }

  /** The same with one setting more, such as {@code pull} {@code onRecordFailure}. */
  public SyncConfiguration with(String section, String key, Object value) {
    ObjectNode copy = document.deepCopy();
    copy.withObjectProperty(section).set(key, Json.tree(value));
    return new SyncConfiguration(copy);
  }

  /** The same with one setting of a category more, such as {@code push}. */
  public SyncConfiguration withCategory(String category, String key, Object value) {
    ObjectNode copy = document.deepCopy();
    copy.withObjectProperty("categories").withObjectProperty(category).set(key, Json.tree(value));
    return new SyncConfiguration(copy);
  }

  /** The same with a category switched off. */
  public SyncConfiguration without(String category) {
    return with("categories", category, Map.of("pull", false));
  }

  /** The document. Holds the password. */
  public JsonNode document() {
    return document.deepCopy();
  }
}
