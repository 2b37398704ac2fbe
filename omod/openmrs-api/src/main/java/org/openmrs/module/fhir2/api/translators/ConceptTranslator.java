package org.openmrs.module.fhir2.api.translators;

import org.hl7.fhir.r4.model.CodeableConcept;
import org.openmrs.Concept;

public interface ConceptTranslator {

  Concept toOpenmrsType(CodeableConcept codeableConcept);
}
