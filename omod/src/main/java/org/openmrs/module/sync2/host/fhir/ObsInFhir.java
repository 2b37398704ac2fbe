package org.openmrs.module.sync2.host.fhir;

import org.openmrs.Encounter;
import org.openmrs.Obs;
import org.openmrs.util.OpenmrsUtil;

/** The fields of an obs that FHIR does not have. */
final class ObsInFhir {

  private ObsInFhir() {}

  /** Gives an obs that is coming what FHIR does not carry of the one that is here. */
  static void keepWhatFhirDoesNotKnow(Obs here, Obs coming) {
    coming.setPreviousVersion(here);
    coming.setObsGroup(here.getObsGroup());
    coming.setLocation(here.getLocation());
    coming.setComment(here.getComment());
    coming.setAccessionNumber(here.getAccessionNumber());
    coming.setFormField(here.getFormFieldNamespace(), here.getFormFieldPath());
    coming.setValueComplex(here.getValueComplex());
    if (same(here.getValueCoded(), coming.getValueCoded())) {
      coming.setValueCodedName(here.getValueCodedName());
      coming.setValueDrug(here.getValueDrug());
    }
    if (same(here.getValueNumeric(), coming.getValueNumeric())) {
      coming.setValueModifier(here.getValueModifier());
    }
  }

  /**
   * Puts a new obs where its encounter is, as OpenMRS does with those that it saves in one. Left
   * without a location it would get that one when somebody next saves or merges the encounter, and
   * OpenMRS would refuse that as an edit of an obs.
   */
  static void placeWithItsEncounter(Obs coming) {
    Encounter encounter = coming.getEncounter();
    if (encounter != null) {
      coming.setLocation(encounter.getLocation());
    }
  }

  private static boolean same(Object here, Object coming) {
    return OpenmrsUtil.nullSafeEquals(here, coming);
  }
}
