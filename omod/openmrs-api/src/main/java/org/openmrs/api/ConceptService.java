package org.openmrs.api;

import org.openmrs.Concept;
import org.openmrs.ConceptName;
import org.openmrs.Drug;

public interface ConceptService {

  Concept getConceptByUuid(String text);

  Drug getDrugByUuid(String text);

  ConceptName getConceptNameByUuid(String text);
}
