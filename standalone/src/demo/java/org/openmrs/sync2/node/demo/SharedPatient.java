package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A patient whom two nodes have, and whom people edit at both before either hears of the other:
 * each corrects the birth date in another way, and the child's one sets the language as well.
 */
final class SharedPatient {

  private static final String BIRTH_DATE = "birthDate";
  private static final String LANGUAGE = "language";

  /** Of three, two are other dates than the patient has. */
  private static final List<String> BIRTH_DATES = List.of("1951-02-03", "1962-03-04", "1973-04-05");

  private final NodeClient parent;
  private final NodeClient child;
  private final String id;
  private final String parentsBirthDate;
  private final String language;

  private SharedPatient(NodeClient parent, NodeClient child, String id) throws IOException {
    this.parent = parent;
    this.child = child;
    this.id = id;
    ObjectNode corrected =
        ObjectEdit.change(parent, ObjectKind.PATIENT, id, patient -> withBirthDate(patient, 0));
    ObjectNode edited =
        ObjectEdit.change(
            child,
            ObjectKind.PATIENT,
            id,
            patient -> withBirthDate(ObjectEdit.withOtherLanguage(patient), 1));
    this.parentsBirthDate = corrected.path(BIRTH_DATE).asText();
    this.language = edited.path(LANGUAGE).asText();
  }

  /**
   * Chooses a patient and makes the edits.
   *
   * @throws IOException when a node cannot be reached
   * @throws DemoException when there is no patient, or a node refuses an edit
   */
  static SharedPatient editAtBoth(NodeClient parent, NodeClient child) throws IOException {
    NavigableSet<String> ids = new TreeSet<>();
    parent.forEachId(ObjectKind.PATIENT, ids::add);
    if (ids.isEmpty()) {
      throw new DemoException("the data has no patient whom both sides could edit");
    }
    return new SharedPatient(parent, child, ids.first());
  }

  private static ObjectNode withBirthDate(ObjectNode patient, int which) {
    String now = patient.path(BIRTH_DATE).asText();
    Stream<String> others = BIRTH_DATES.stream().filter(date -> !date.equals(now));
    return patient.put(BIRTH_DATE, others.skip(which).findFirst().orElseThrow());
  }

  /** The key that people know the patient by here. */
  String key() {
    return ObjectKind.PATIENT.type() + "/" + id;
  }

  /** Returns true if both nodes have the parent's birth date and the child's language. */
  boolean isMerged() throws IOException {
    return isMerged(parent) && isMerged(child);
  }

  private boolean isMerged(NodeClient node) throws IOException {
    ObjectNode patient = ObjectEdit.read(node, ObjectKind.PATIENT, id);
    return patient.path(BIRTH_DATE).asText().equals(parentsBirthDate)
        && patient.path(LANGUAGE).asText().equals(language);
  }
}
