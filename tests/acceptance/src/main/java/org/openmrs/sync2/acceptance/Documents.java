package org.openmrs.sync2.acceptance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What is sent to OpenMRS's REST module to make objects. Every part has a uuid of its own. */
public final class Documents {

  /** All encounters and visits are of this day. */
  public static final String MORNING = "2026-03-02T08:30:00.000+0000";

  public static final String NOON = "2026-03-02T12:00:00.000+0000";
  public static final String EVENING = "2026-03-02T18:15:00.000+0000";

  private final Metadata metadata;
  private final Names names;

  Documents(Metadata metadata, Names names) {
    this.metadata = metadata;
    this.names = names;
  }

  /** A uuid that nothing has yet. */
  public static String uuid() {
    return UUID.randomUUID().toString();
  }

  /** A document that more can be put into. */
  @SafeVarargs
  public static Map<String, Object> document(Map.Entry<String, ?>... fields) {
    Map<String, Object> document = new LinkedHashMap<>();
    for (Map.Entry<String, ?> field : fields) {
      document.put(field.getKey(), field.getValue());
    }
    return document;
  }

  /** A person who has a name. */
  static Map<String, Object> person(String familyName) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("names", List.of(name("Asha", familyName))),
        Map.entry("gender", "F"),
        Map.entry("birthdate", "1984-05-17"));
  }

  public static Map<String, Object> name(String given, String family) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("prefix", "Dr"),
        Map.entry("givenName", given),
        Map.entry("middleName", "Noor"),
        Map.entry("familyNamePrefix", "van"),
        Map.entry("familyName", family),
        Map.entry("familyName2", "Second"),
        Map.entry("familyNameSuffix", "Jr"),
        Map.entry("degree", "MSc"));
  }

  public static Map<String, Object> address(String street) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("address1", street),
        Map.entry("address2", "Block 4"),
        Map.entry("address3", "Third line"),
        Map.entry("cityVillage", "Riverside"),
        Map.entry("countyDistrict", "North"),
        Map.entry("stateProvince", "Lakes"),
        Map.entry("country", "Example"),
        Map.entry("postalCode", "10 200"),
        Map.entry("latitude", "0.3476"),
        Map.entry("longitude", "32.5825"));
  }

  /** A person with a name, an address and an attribute. */
  public Map<String, Object> person() {
    Map<String, Object> person = person(names.next("Person"));
    person.put("addresses", List.of(address("12 Hill Road")));
    person.put("attributes", List.of(personAttribute("first")));
    return person;
  }

  public Map<String, Object> personAttribute(String value) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("attributeType", metadata.personAttributeType()),
        Map.entry("value", value));
  }

  public Map<String, Object> identifier(String identifier) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("identifier", identifier),
        Map.entry("identifierType", metadata.identifierType()),
        Map.entry("location", metadata.location()));
  }

  /** An identifier that nobody has. */
  public Map<String, Object> newIdentifier() {
    return identifier(names.next("ID"));
  }

  /** A patient whose uuid is that of the person in it. */
  public Map<String, Object> patient() {
    return patient(person(), newIdentifier());
  }

  /** A patient whose only identifier is preferred. */
  public Map<String, Object> patient(Map<String, Object> person, Map<String, Object> identifier) {
    identifier.put("preferred", true);
    return document(Map.entry("person", person), Map.entry("identifiers", List.of(identifier)));
  }

  /** An encounter with a provider. */
  public Map<String, Object> encounter(String patient) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("patient", patient),
        Map.entry("encounterType", metadata.encounterType()),
        Map.entry("location", metadata.location()),
        Map.entry("encounterDatetime", MORNING),
        Map.entry("encounterProviders", List.of(participant(metadata.encounterRole()))));
  }

  /** A provider's part in an encounter. */
  public Map<String, Object> participant(String role) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("provider", metadata.provider()),
        Map.entry("encounterRole", role));
  }

  /** An observation that stands for itself. */
  public Map<String, Object> observation(String person, String concept, Object value) {
    Map<String, Object> observation = value(concept, value);
    observation.put("person", person);
    observation.put("obsDatetime", MORNING);
    observation.put("location", metadata.location());
    return observation;
  }

  /** An observation as a member of an encounter or group, which tell the rest. */
  public Map<String, Object> value(String concept, Object value) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("concept", concept),
        Map.entry("value", value),
        Map.entry("comment", "as measured"));
  }

  /** An observation that only holds others. */
  public Map<String, Object> group(List<Map<String, Object>> members) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("concept", metadata.group()),
        Map.entry("groupMembers", members));
  }

  public Map<String, Object> visit(String patient) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("patient", patient),
        Map.entry("visitType", metadata.visitType()),
        Map.entry("location", metadata.location()),
        Map.entry("startDatetime", MORNING),
        Map.entry("attributes", List.of(attribute(metadata.visitAttributeType(), "came by bus"))));
  }

  public Map<String, Object> location() {
    Map<String, Object> location = address("1 Clinic Lane");
    location.put("name", names.next("Clinic"));
    location.put("description", "Made by the acceptance suite");
    location.put("tags", List.of(metadata.tag()));
    location.put("parentLocation", metadata.location());
    location.put("attributes", List.of(attribute(metadata.locationAttributeType(), "two rooms")));
    return location;
  }

  public Map<String, Object> provider(String person) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("person", person),
        Map.entry("identifier", newProviderIdentifier()),
        Map.entry(
            "attributes", List.of(attribute(metadata.providerAttributeType(), "night shift"))));
  }

  /** An attribute of a visit, a location or a provider. */
  public static Map<String, Object> attribute(String type, String value) {
    return document(Map.entry("attributeType", type), Map.entry("value", value));
  }

  /** A provider's identifier that nobody has. */
  String newProviderIdentifier() {
    return names.next("PR");
  }

  /** Of two persons, who may be patients. */
  public Map<String, Object> relationship(String a, String b, String type) {
    return document(
        Map.entry("personA", a),
        Map.entry("relationshipType", type),
        Map.entry("personB", b),
        Map.entry("startDate", MORNING));
  }

  /** What people can be to each other, in words that nothing else has. */
  public Map<String, Object> relationshipType() {
    return relationshipType(names.next("Guardian"));
  }

  /** The same in these words. */
  public static Map<String, Object> relationshipType(String aIsToB) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("aIsToB", aIsToB),
        Map.entry("bIsToA", "Ward of " + aIsToB),
        Map.entry("description", "Made by the acceptance suite"),
        Map.entry("weight", 3));
  }

  /** Metadata with a name that nothing else has. */
  public Map<String, Object> named(String what) {
    return document(
        Map.entry("uuid", uuid()),
        Map.entry("name", names.next(what)),
        Map.entry("description", "Made by the acceptance suite"));
  }
}
