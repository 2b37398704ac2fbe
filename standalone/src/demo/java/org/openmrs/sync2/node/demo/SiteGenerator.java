package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes up what a site has besides patients: metadata, organizations, locations and staff. */
final class SiteGenerator {

  static final int PRACTITIONERS = 12;
  static final int WARDS = 9;

  private static final List<String> CITIES =
      List.of("Kampala", "Gulu", "Kisumu", "Mwanza", "São Tomé");
  private static final List<String> ENCOUNTER_TYPES =
      List.of("Consultation", "Vitals", "Admission", "Laboratory");
  private static final List<String> VISIT_TYPES = List.of("Outpatient", "Inpatient", "Home visit");
  private static final List<String> IDENTIFIER_TYPES =
      List.of("OpenMRS ID", "National ID", "Clinic number");

  private final MadeUp madeUp;

  SiteGenerator(MadeUp madeUp) {
    this.madeUp = madeUp;
  }

  Stream<SourceObject> objects() {
    return Stream.of(metadata(), organizations(), locations(), practitioners())
        .flatMap(objects -> objects);
  }

  private Stream<SourceObject> metadata() {
    return Stream.of(
            named(ObjectKind.ENCOUNTER_TYPE, ENCOUNTER_TYPES),
            named(ObjectKind.VISITTYPE, VISIT_TYPES),
            named(ObjectKind.PATIENT_IDENTIFIER_TYPE, IDENTIFIER_TYPES))
        .flatMap(objects -> objects);
  }

  private Stream<SourceObject> named(ObjectKind kind, List<String> names) {
    return names.stream().map(name -> restMetadata(kind, name));
  }

  private SourceObject restMetadata(ObjectKind kind, String name) {
    String id = madeUp.id(kind, name);
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.put("uuid", id).put("name", name);
    document.put("description", name + ", as it is used at the demonstration hospital");
    document.put("retired", false);
    return new SourceObject(kind, id, document);
  }

  private Stream<SourceObject> organizations() {
    ObjectNode ministry = madeUp.resource(ObjectKind.ORGANIZATION, "ministry");
    ministry.put("active", true).put("name", "Ministry of Health");
    ObjectNode hospital = madeUp.resource(ObjectKind.ORGANIZATION, "hospital");
    hospital.put("active", true).put("name", "Hôpital de démonstration");
    hospital.set("partOf", madeUp.reference(ObjectKind.ORGANIZATION, "ministry"));
    return Stream.of(ministry, hospital).map(madeUp::source);
  }

  private Stream<SourceObject> locations() {
    ObjectNode campus = location("campus", "Main campus");
    return Stream.concat(
            Stream.of(campus), IntStream.range(0, WARDS).mapToObj(SiteGenerator.this::ward))
        .map(madeUp::source);
  }

  /** Every third ward belongs to the campus, the others to the ward before. */
  private ObjectNode ward(int number) {
    ObjectNode ward = location(wardName(number), "Ward " + (number + 1));
    String parent = number % 3 == 0 ? "campus" : wardName(number - 1);
    ward.set("partOf", madeUp.reference(ObjectKind.LOCATION, parent));
    return ward;
  }

  static String wardName(int number) {
    return "ward/" + number;
  }

  private ObjectNode location(String name, String title) {
    ObjectNode location = madeUp.resource(ObjectKind.LOCATION, name);
    location.put("status", "active").put("name", madeUp.nameAtSite(title));
    location.putObject("address").put("city", CITIES.get(title.length() % CITIES.size()));
    ObjectNode position = location.putObject("position");
    position.put("longitude", madeUp.decimal(32_5000, 33_0000, 4));
    position.put("latitude", madeUp.decimal(1000, 9000, 4));
    location.set("managingOrganization", madeUp.reference(ObjectKind.ORGANIZATION, "hospital"));
    return location;
  }

  private Stream<SourceObject> practitioners() {
    return IntStream.range(0, PRACTITIONERS).mapToObj(this::practitioner).map(madeUp::source);
  }

  private ObjectNode practitioner(int number) {
    ObjectNode practitioner = madeUp.resource(ObjectKind.PROVIDER, practitionerName(number));
    practitioner
        .putArray("identifier")
        .addObject()
        .put("system", MadeUp.SYSTEM + "/staff")
        .put("value", String.format("S-%04d", number));
    practitioner.put("active", true);
    practitioner.putArray("name").add(madeUp.humanName("official"));
    practitioner.put("gender", madeUp.oneOf(List.of("female", "male")));
    return practitioner;
  }

  static String practitionerName(int number) {
    return "practitioner/" + number;
  }
}
