package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Reference;
import org.openmrs.sync2.SyncRejectedException;

/**
 * Objects that a document names and OpenMRS must have: the FHIR module drops what it does not find.
 */
final class Named {

  private Named() {}

  /** Refuses a reference that led to nothing. */
  static void mustBeHere(Reference reference, Object found) {
    if (reference.hasReference() && found == null) {
      throw new SyncRejectedException(
          "it refers to "
              + reference.getReference()
              + ", which OpenMRS does not have; it is tried again when that has come");
    }
  }

  /** Refuses a code for which OpenMRS has no concept or type. */
  static void mustBeHere(String what, CodeableConcept code, Object found) {
    if (!code.isEmpty() && found == null) {
      throw new SyncRejectedException(
          "its " + what + " is not here: " + words(code) + "; bring it here, then try again");
    }
  }

  /** Refuses the first of several codes, as far as there is one. */
  static void mustBeHere(String what, List<CodeableConcept> codes, Object found) {
    if (!codes.isEmpty()) {
      mustBeHere(what, codes.get(0), found);
    }
  }

  /** A code in words: its text and codings. */
  static String words(CodeableConcept code) {
    String codings =
        code.getCoding().stream()
            .map(coding -> (coding.hasSystem() ? coding.getSystem() + "|" : "") + coding.getCode())
            .collect(Collectors.joining(", "));
    return code.hasText() ? "'" + code.getText() + "' (" + codings + ")" : codings;
  }
}
