package org.openmrs.sync2.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The kinds of objects that are written, with the fields that are looked at. */
enum Kind {
  PATIENT("Patient", "patient", List.of("/birthDate", "/maritalStatus/text", "/name/0/family")),
  OBSERVATION("Observation", "observation", List.of("/valueString"));

  private final String type;
  private final String category;
  private final List<String> fields;

  Kind(String type, String category, List<String> fields) {
    this.type = type;
    this.category = category;
    this.fields = fields;
  }

  /** Its type in FHIR. */
  String type() {
    return type;
  }

  /** Its name in the engine. */
  String category() {
    return category;
  }

  /** JSON pointers into a document. */
  List<String> fields() {
    return fields;
  }

  /** Where a node has an object of this kind. */
  String path(String id) {
    return "/ws/fhir2/R4/" + type + "/" + id;
  }

  /**
   * A document with these values.
   *
   * @param patient whose observation it is
   */
  ObjectNode document(String id, String patient, Map<String, String> values) {
    ObjectNode document = Http.MAPPER.createObjectNode();
    document.put("resourceType", type).put("id", id);
    if (this == OBSERVATION) {
      document.put("status", "final").putObject("code").put("text", "chaos");
      document.putObject("subject").put("reference", "Patient/" + patient);
    } else {
      document.putArray("name").addObject().put("id", "n1");
      document.putObject("maritalStatus");
    }
    values.forEach((field, value) -> write(document, field, value));
    return document;
  }

  /** Writes a value where a field is. */
  static void write(ObjectNode document, String field, String value) {
    int last = field.lastIndexOf('/');
    ObjectNode parent = (ObjectNode) document.at(field.substring(0, last));
    parent.put(field.substring(last + 1), value);
  }

  /** The values of a document; of a field that it lacks the text "nothing". */
  Map<String, String> values(JsonNode document) {
    Map<String, String> values = new TreeMap<>();
    fields.forEach(field -> values.put(field, document.at(field).asText("nothing")));
    return values;
  }

  /** A new value of a field, which no other number has. */
  static String value(String field, String schedule, int number) {
    return field.equals("/birthDate")
        ? String.format("%d-%02d-%02d", 1900 + number / 336, number / 28 % 12 + 1, number % 28 + 1)
        : schedule + "-v" + number;
  }
}
