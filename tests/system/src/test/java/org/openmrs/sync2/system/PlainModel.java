package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Who wrote what over what, of some patients. What somebody writes takes the place of what stood
 * there; of what nobody replaced all has to be in the result or in a conflict. Every text is
 * written once, so that it says who wrote it.
 */
final class PlainModel {

  /** The fields that are edited, by where a document has them. */
  static final List<String> FIELDS = List.of("/birthDate", "/maritalStatus/text");

  /** Stands for the whole patient among its fields: that it is live, or that it is removed. */
  private static final String EXISTENCE = "";

  private static final String LIVE = "live";
  private static final String REMOVED = "removed";

  /** What stands of each field of each patient. */
  private final Map<String, Map<String, List<String>>> standing = new LinkedHashMap<>();

  /** Every patient that was ever registered. */
  List<String> patients() {
    return List.copyOf(standing.keySet());
  }

  void registered(ObjectNode patient) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    fields.put(EXISTENCE, new ArrayList<>(List.of(LIVE)));
    FIELDS.forEach(field -> fields.put(field, new ArrayList<>(List.of(text(patient, field)))));
    standing.put(id(patient), fields);
  }

  /** Somebody who saw {@code before} wrote a text into a field of it. */
  void edited(ObjectNode before, String field, String text) {
    List<String> stands = standing.get(id(before)).get(field);
    stands.remove(text(before, field));
    stands.add(text);
  }

  /** Somebody removed what they saw. */
  void removed(ObjectNode before) {
    Map<String, List<String>> fields = standing.get(id(before));
    FIELDS.forEach(field -> fields.get(field).remove(text(before, field)));
    fields.get(EXISTENCE).remove(LIVE);
    fields.get(EXISTENCE).add(REMOVED);
  }

  /**
   * What is wrong with a patient when all is quiet.
   *
   * @param here the child's document; null when it is removed there
   * @param there the parent's
   * @param conflict the one that is open; null when none is
   */
  List<String> wrong(String patient, ObjectNode here, ObjectNode there, JsonNode conflict) {
    List<String> wrong = new ArrayList<>();
    boolean isSame = here == null ? there == null : there != null && sameFields(here, there);
    if (conflict == null && !isSame) {
      wrong.add("it is not the same on both sides");
    }
    if (conflict != null && isSame) {
      wrong.add("a conflict is open, and both sides are the same");
    }
    TreeSet<String> disputed = new TreeSet<>();
    standing
        .get(patient)
        .forEach(
            (field, stands) -> {
              List<String> said = new ArrayList<>(List.of(said(here, field), said(there, field)));
              List<String> lost = stands.stream().filter(text -> !said.contains(text)).toList();
              if (!lost.isEmpty() && !isOnlyOlder(field, lost)) {
                wrong.add(field + " says " + said + "; lost: " + lost);
              }
              if (!stands.contains(said.get(0)) && !stands.contains(said.get(1)) && here != null) {
                wrong.add(field + " says what was replaced: " + said + ", not " + stands);
              }
              if (stands.size() > 1 && !field.equals(EXISTENCE)) {
                disputed.add(field);
              }
            });
    if (conflict != null && here != null && there != null && !named(conflict).equals(disputed)) {
      wrong.add("the conflict names " + named(conflict) + "; in dispute are " + disputed);
    }
    return wrong.stream().map(what -> "Patient/" + patient + ": " + what).toList();
  }

  /** One side removed it, and nobody on the other side knew: it was live there until that came. */
  private static boolean isOnlyOlder(String field, List<String> lost) {
    return field.equals(EXISTENCE) && lost.equals(List.of(LIVE));
  }

  private static boolean sameFields(ObjectNode here, ObjectNode there) {
    return FIELDS.stream().allMatch(field -> text(here, field).equals(text(there, field)));
  }

  /** The fields that a conflict says are in dispute, without what lies below them. */
  private static TreeSet<String> named(JsonNode conflict) {
    TreeSet<String> named = new TreeSet<>();
    for (JsonNode path : conflict.at("/detail/fields")) {
      String top = path.asText().split("[.\\[]")[0];
      FIELDS.stream()
          .filter(field -> field.split("/")[1].equals(top))
          .findFirst()
          .ifPresentOrElse(named::add, () -> named.add(path.asText()));
    }
    return named;
  }

  private static String said(ObjectNode document, String field) {
    if (field.equals(EXISTENCE)) {
      return document == null ? REMOVED : LIVE;
    }
    return document == null ? REMOVED : text(document, field);
  }

  static String text(JsonNode document, String field) {
    return Objects.requireNonNullElse(document.at(field).textValue(), "nothing");
  }

  private static String id(JsonNode patient) {
    return patient.get("id").asText();
  }
}
