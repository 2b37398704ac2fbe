package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes up one patient with all that belongs to it. */
final class PatientGenerator {

  private static final int LONG_NOTE_WORDS = 600;

  private final MadeUp madeUp;
  private final String name;
  private final List<SourceObject> objects = new ArrayList<>();

  /**
   * @param number which patient; the same number is the same patient, however many there are
   */
  PatientGenerator(long seed, int number) {
    this.madeUp = new MadeUp(seed, number + 1L);
    this.name = "patient/" + number;
  }

  /** The patient, then its encounters, each with its observations, then its conditions. */
  List<SourceObject> objects() {
    add(patient());
    int encounters = madeUp.number(2, 5);
    for (int i = 0; i < encounters; i++) {
      addEncounter(name + "/encounter/" + i);
    }
    int conditions = madeUp.number(1, 2);
    for (int i = 0; i < conditions; i++) {
      add(condition(name + "/condition/" + i));
    }
    return objects;
  }

  private void add(ObjectNode resource) {
    objects.add(madeUp.source(resource));
  }

  private ObjectNode patient() {
    ObjectNode patient = madeUp.resource(ObjectKind.PATIENT, name);
    identifiers(patient);
    patient.put("active", true);
    patient.putArray("name").add(madeUp.humanName("official")).add(madeUp.humanName("usual"));
    patient
        .putArray("telecom")
        .addObject()
        .put("system", "phone")
        .put("value", "+256 7" + madeUp.number(10_000_000, 99_999_999))
        .put("use", "mobile");
    patient.put("gender", madeUp.oneOf(List.of("female", "male", "other", "unknown")));
    patient.put("birthDate", madeUp.birthDate().toString());
    patient.putArray("address").add(madeUp.address("home")).add(madeUp.address("work"));
    patient.putArray("generalPractitioner").add(practitioner());
    patient.set("managingOrganization", madeUp.reference(ObjectKind.ORGANIZATION, "hospital"));
    return patient;
  }

  private void identifiers(ObjectNode patient) {
    var identifiers = patient.putArray("identifier");
    for (String type : List.of("OpenMRS ID", "Clinic number")) {
      ObjectNode identifier = identifiers.addObject();
      identifier.put("use", "usual");
      identifier.putObject("type").put("text", type);
      identifier.put("system", MadeUp.SYSTEM + "/" + type.replace(' ', '-'));
      identifier.put("value", madeUp.id(ObjectKind.PATIENT, name + type).substring(0, 13));
    }
  }

  private ObjectNode practitioner() {
    int number = madeUp.number(0, SiteGenerator.PRACTITIONERS - 1);
    return madeUp.reference(ObjectKind.PROVIDER, SiteGenerator.practitionerName(number));
  }

  private void addEncounter(String encounterName) {
    LocalDateTime start = madeUp.moment();
    add(encounter(encounterName, start));
    add(weight(encounterName, start));
    addBloodPressure(encounterName, start);
    add(coded(encounterName, start));
    add(note(encounterName, start));
  }

  private ObjectNode encounter(String encounterName, LocalDateTime start) {
    ObjectNode encounter = madeUp.resource(ObjectKind.ENCOUNTER, encounterName);
    encounter.put("status", "finished");
    encounter
        .putObject("class")
        .put("system", "http://terminology.hl7.org/CodeSystem/v3-ActCode")
        .put("code", "AMB");
    encounter.putArray("type").add(madeUp.concept("consultation", "Consultation"));
    encounter.set("subject", madeUp.reference(ObjectKind.PATIENT, name));
    encounter.putArray("participant").addObject().set("individual", practitioner());
    encounter
        .putObject("period")
        .put("start", MadeUp.instant(start))
        .put("end", MadeUp.instant(start.plusMinutes(madeUp.number(5, 600))));
    int ward = madeUp.number(0, SiteGenerator.WARDS - 1);
    encounter
        .putArray("location")
        .addObject()
        .set("location", madeUp.reference(ObjectKind.LOCATION, SiteGenerator.wardName(ward)));
    encounter.set("serviceProvider", madeUp.reference(ObjectKind.ORGANIZATION, "hospital"));
    return encounter;
  }

  private ObjectNode observation(String encounterName, String what, LocalDateTime at) {
    ObjectNode observation = madeUp.resource(ObjectKind.OBSERVATION, encounterName + "/" + what);
    observation.put("status", "final");
    observation.set("code", madeUp.concept(what, what.replace('-', ' ')));
    observation.set("subject", madeUp.reference(ObjectKind.PATIENT, name));
    observation.set("encounter", madeUp.reference(ObjectKind.ENCOUNTER, encounterName));
    return observation.put("effectiveDateTime", MadeUp.instant(at));
  }

  private ObjectNode weight(String encounterName, LocalDateTime at) {
    ObjectNode weight = observation(encounterName, "weight", at);
    weight
        .putObject("valueQuantity")
        .put("value", madeUp.decimal(25, 1200, 1).setScale(2))
        .put("unit", "kg");
    return weight;
  }

  /** A group: the members first, then what holds them together. */
  private void addBloodPressure(String encounterName, LocalDateTime at) {
    ObjectNode group = observation(encounterName, "blood-pressure", at);
    var members = group.putArray("hasMember");
    for (String part : List.of("systolic", "diastolic")) {
      ObjectNode member = observation(encounterName, part, at);
      member.putObject("valueQuantity").put("value", madeUp.number(50, 190)).put("unit", "mmHg");
      add(member);
      members.add(madeUp.reference(ObjectKind.OBSERVATION, encounterName + "/" + part));
    }
    add(group);
  }

  private ObjectNode coded(String encounterName, LocalDateTime at) {
    ObjectNode coded = observation(encounterName, "malaria-test", at);
    String result = madeUp.oneOf(List.of("positive", "negative", "indeterminate"));
    coded.set("valueCodeableConcept", madeUp.concept(result, result));
    return coded;
  }

  private ObjectNode note(String encounterName, LocalDateTime at) {
    ObjectNode note = observation(encounterName, "clinical-note", at);
    int words = madeUp.number(1, 10) == 1 ? LONG_NOTE_WORDS : madeUp.number(3, 20);
    return note.put("valueString", madeUp.text(words));
  }

  private ObjectNode condition(String conditionName) {
    ObjectNode condition = madeUp.resource(ObjectKind.CONDITION, conditionName);
    condition
        .putObject("clinicalStatus")
        .putArray("coding")
        .addObject()
        .put("system", "http://terminology.hl7.org/CodeSystem/condition-clinical")
        .put("code", madeUp.oneOf(List.of("active", "resolved")));
    String disease = madeUp.oneOf(List.of("Malaria", "Hypertension", "Asthma", "Paludisme"));
    condition.set("code", madeUp.concept(disease.toLowerCase(Locale.ROOT), disease));
    condition.set("subject", madeUp.reference(ObjectKind.PATIENT, name));
    condition.set("encounter", madeUp.reference(ObjectKind.ENCOUNTER, name + "/encounter/0"));
    return condition.put("onsetDateTime", MadeUp.instant(madeUp.moment()));
  }
}
