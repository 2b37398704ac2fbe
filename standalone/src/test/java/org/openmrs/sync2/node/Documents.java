package org.openmrs.sync2.node;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** FHIR documents of a patient's record. */
final class Documents {

  static final String PATIENT = "{\"resourceType\":\"Patient\"}";

  /** A resource by its FHIR type and id. */
  record Ref(String type, String id) {

    String category() {
      return NodeCategory.ofFhirType(type).feedName();
    }

    @Override
    public String toString() {
      return type + "/" + id;
    }
  }

  private Documents() {}

  /** What a node has of a resource. HAPI keeps an empty meta with what was removed once. */
  static ObjectNode content(TestNode node, Ref ref) {
    ObjectNode document = (ObjectNode) node.read(ref.category(), ref.id());
    if (document.path("meta").isObject() && document.get("meta").isEmpty()) {
      document.remove("meta");
    }
    return document;
  }

  /** Written with single quotes. */
  private static String json(String document) {
    return document.replace('\'', '"');
  }

  /**
   * An encounter of the type Vitals.
   *
   * @param visit what it is part of, or null
   */
  static String encounter(String patient, String visit, String day) {
    return json(
        "{'resourceType':'Encounter','status':'finished','class':{'code':'AMB'},"
            + "'type':[{'text':'Vitals'}],'period':{'start':'"
            + day
            + "T09:30:00+03:00'},"
            + (visit == null ? "" : "'partOf':{'reference':'Encounter/" + visit + "'},")
            + "'subject':{'reference':'Patient/"
            + patient
            + "'}}");
  }

  /**
   * An observation of 20 November.
   *
   * @param encounter null when it stands for itself
   */
  static String observation(String patient, String encounter, String value) {
    return json(
        "{'resourceType':'Observation','status':'final','code':{'text':'Test'},'valueString':'"
            + value
            + "','effectiveDateTime':'2026-11-20T09:30:00+03:00',"
            + (encounter == null ? "" : "'encounter':{'reference':'Encounter/" + encounter + "'},")
            + "'subject':{'reference':'Patient/"
            + patient
            + "'}}");
  }

  /** An observation with one member. */
  static String group(String patient, String encounter, String member) {
    String members = json("{'hasMember':[{'reference':'Observation/" + member + "'}],");
    return observation(patient, encounter, "group").replaceFirst("\\{", members);
  }
}
