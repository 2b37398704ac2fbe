package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/**
 * The metadata that the objects of a run refer to, with names of its own, so that the suite can run
 * again on the same servers. What the module synchronizes is made at the parent only; what it does
 * not, on both servers under the same uuid.
 */
public final class Metadata {

  /** On every OpenMRS under this uuid. */
  public static final String UNKNOWN_LOCATION = "8d6c993e-c2cc-11de-8d13-0010c6dffd0f";

  private static final String UNKNOWN_ROLE = "a0b03050-c99b-11e0-9572-0800200c9a66";
  private static final String NUMERIC = "8d4a4488-c2cc-11de-8d13-0010c6dffd0f";
  private static final String TEXT = "8d4a4ab4-c2cc-11de-8d13-0010c6dffd0f";
  private static final String NO_VALUE = "8d4a4c94-c2cc-11de-8d13-0010c6dffd0f";
  private static final String CODED = "8d4a48b6-c2cc-11de-8d13-0010c6dffd0f";
  private static final String DATE_AND_TIME = "8d4a5af4-c2cc-11de-8d13-0010c6dffd0f";
  private static final String DATE = "8d4a505e-c2cc-11de-8d13-0010c6dffd0f";
  private static final String TIME_OF_DAY = "8d4a591e-c2cc-11de-8d13-0010c6dffd0f";
  private static final String MISCELLANEOUS = "8d492774-c2cc-11de-8d13-0010c6dffd0f";

  /** Of a type of attributes of visits, locations and providers: one text each. */
  public static final Map<String, Object> FREE_TEXT_ONCE =
      Map.of(
          "datatypeClassname",
          "org.openmrs.customdatatype.datatype.FreeTextDatatype",
          "minOccurs",
          0,
          "maxOccurs",
          1);

  private final OpenMrsServer parent;
  private final OpenMrsServer child;
  private final String run;
  private final Map<String, String> uuids = new LinkedHashMap<>();

  private Metadata(OpenMrsServer parent, OpenMrsServer child, String run) {
    this.parent = parent;
    this.child = child;
    this.run = run;
  }

  /**
   * Makes all of it.
   *
   * @param run is part of every name
   */
  static Metadata create(OpenMrsServer parent, OpenMrsServer child, String run) throws IOException {
    Metadata metadata = new Metadata(parent, child, run);
    metadata.createOnBoth();
    metadata.createAtParent();
    return metadata;
  }

  private void createOnBoth() throws IOException {
    concept("numeric", NUMERIC, Map.of("allowDecimal", true));
    concept("text", TEXT, Map.of());
    concept("time", DATE_AND_TIME, Map.of());
    concept("day", DATE, Map.of());
    concept("timeOfDay", TIME_OF_DAY, Map.of());
    concept("answer", NO_VALUE, Map.of());
    concept("otherAnswer", NO_VALUE, Map.of());
    concept("coded", CODED, Map.of("answers", List.of(answer(), otherAnswer())));
    concept("group", NO_VALUE, Map.of("setMembers", List.of(numeric(), text())));
    onBoth("locationtag", "locationtag", described("tag"));
    onBoth("locationtag", "otherTag", described("other tag"));
  }

  private void createAtParent() throws IOException {
    atParent("encounter_type", "encountertype", described("encounter type"));
    atParent("visittype", "visittype", described("visit type"));
    atParent("encounter_role", "encounterrole", described("encounter role"));
    atParent("patient_identifier_type", "patientidentifiertype", described("identifier type"));
    Map<String, Object> attribute = described("attribute type");
    attribute.put("format", "java.lang.String");
    atParent("person_attribute_type", "personattributetype", attribute);
    attributeType("visit_attribute_type", "visitattributetype");
    attributeType("location_attribute_type", "locationattributetype");
    attributeType("provider_attribute_type", "providerattributetype");
    atParent(
        "relationship_type", "relationshiptype", Documents.relationshipType("Acc guardian " + run));
    atParent("location", "location", described("location"));
    atParent("person", "person", Documents.person(run));
    atParent(
        "provider", "provider", Map.of("person", uuids.get("person"), "identifier", "P" + run));
    atParent("sentinel", "location", described("sentinel"));
  }

  private void concept(String key, String datatype, Map<String, Object> more) throws IOException {
    Map<String, Object> concept = new LinkedHashMap<>(more);
    String name = "Acceptance " + key + " " + run;
    concept.put(
        "names",
        List.of(
            Map.of(
                "uuid",
                UUID.randomUUID().toString(),
                "name",
                name,
                "locale",
                "en",
                "conceptNameType",
                "FULLY_SPECIFIED")));
    concept.put("datatype", datatype);
    concept.put("conceptClass", MISCELLANEOUS);
    onBoth("concept", key, concept);
  }

  private void attributeType(String category, String resource) throws IOException {
    Map<String, Object> type = described(resource);
    type.putAll(FREE_TEXT_ONCE);
    atParent(category, resource, type);
  }

  private Map<String, Object> described(String what) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", "Acc " + what + " " + run);
    document.put("description", "Made by the acceptance suite");
    return document;
  }

  private void onBoth(String resource, String key, Map<String, Object> document)
      throws IOException {
    document.put("uuid", UUID.randomUUID().toString());
    parent.create(resource, document);
    uuids.put(key, child.create(resource, document));
  }

  private void atParent(String key, String resource, Map<String, ?> document) throws IOException {
    uuids.put(key, parent.create(resource, document));
  }

  /** The categories of the metadata that travels, and an object of each. */
  Map<String, String> travelling() {
    Map<String, String> travelling = new LinkedHashMap<>();
    for (String category :
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
            "provider")) {
      travelling.put(category, uuids.get(category));
    }
    return travelling;
  }

  String sentinel() {
    return uuids.get("sentinel");
  }

  public String encounterType() {
    return uuids.get("encounter_type");
  }

  public String visitType() {
    return uuids.get("visittype");
  }

  public String encounterRole() {
    return uuids.get("encounter_role");
  }

  /** The one that every OpenMRS has. */
  public String otherEncounterRole() {
    return UNKNOWN_ROLE;
  }

  public String identifierType() {
    return uuids.get("patient_identifier_type");
  }

  public String personAttributeType() {
    return uuids.get("person_attribute_type");
  }

  public String locationAttributeType() {
    return uuids.get("location_attribute_type");
  }

  public String visitAttributeType() {
    return uuids.get("visit_attribute_type");
  }

  public String providerAttributeType() {
    return uuids.get("provider_attribute_type");
  }

  public String relationshipType() {
    return uuids.get("relationship_type");
  }

  public String tag() {
    return uuids.get("locationtag");
  }

  public String otherTag() {
    return uuids.get("otherTag");
  }

  public String location() {
    return uuids.get("location");
  }

  public String provider() {
    return uuids.get("provider");
  }

  public String numeric() {
    return uuids.get("numeric");
  }

  public String text() {
    return uuids.get("text");
  }

  public String time() {
    return uuids.get("time");
  }

  /** A concept of which an observation says a date. */
  public String day() {
    return uuids.get("day");
  }

  /** A concept of which an observation says a time of day. */
  public String timeOfDay() {
    return uuids.get("timeOfDay");
  }

  public String coded() {
    return uuids.get("coded");
  }

  public String answer() {
    return uuids.get("answer");
  }

  public String otherAnswer() {
    return uuids.get("otherAnswer");
  }

  /** A concept of which an observation with members is made. */
  public String group() {
    return uuids.get("group");
  }
}
