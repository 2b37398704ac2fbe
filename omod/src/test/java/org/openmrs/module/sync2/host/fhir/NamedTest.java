package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Reference;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncRejectedException;

class NamedTest {

  @Test
  void refusesAReferenceThatLedToNothing() {
    Reference reference = new Reference("Location/l");

    SyncRejectedException refused =
        assertThrows(SyncRejectedException.class, () -> Named.mustBeHere(reference, null));

    assertTrue(refused.getMessage().contains("Location/l"));
    assertDoesNotThrow(() -> Named.mustBeHere(reference, new Object()));
  }

  @Test
  void asksForNothingThatTheDocumentDoesNotName() {
    assertDoesNotThrow(() -> Named.mustBeHere(new Reference().setDisplay("somewhere"), null));
    assertDoesNotThrow(() -> Named.mustBeHere("concept", new CodeableConcept(), null));
    assertDoesNotThrow(() -> Named.mustBeHere("type", Collections.emptyList(), null));
  }

  @Test
  void namesTheCodesOfAnUnknownConcept() {
    CodeableConcept code = new CodeableConcept().addCoding(new Coding().setCode("uuid"));
    code.addCoding(new Coding("http://loinc.org", "29463-7", "Weight"));

    SyncRejectedException refused =
        assertThrows(SyncRejectedException.class, () -> Named.mustBeHere("concept", code, null));

    assertTrue(
        refused.getMessage().contains("concept is not here: uuid, http://loinc.org|29463-7"));
  }
}
