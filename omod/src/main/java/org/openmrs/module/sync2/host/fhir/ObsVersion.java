package org.openmrs.module.sync2.host.fhir;

import java.util.UUID;
import org.openmrs.Obs;
import org.openmrs.api.context.Context;
import org.openmrs.util.OpenmrsUtil;

/** The versions of an obs: the newest has the uuid, older ones are voided. */
final class ObsVersion {

  /** Why the older version is voided. */
  static final String REASON = "Changed at the parent";

  private ObsVersion() {}

  /** Whether both say the same, as far as FHIR knows. */
  static boolean isSame(Obs here, Obs coming) {
    return isSameEvent(here, coming) && isSameValue(here, coming);
  }

  /**
   * Voids the version that is here and gives its uuid to the one that is coming, which gets from it
   * what FHIR does not carry.
   */
  static void replace(Obs here, Obs coming) {
    keepWhatFhirDoesNotKnow(here, coming);
    coming.setPreviousVersion(here);
    Removal.voidAlone(here, REASON);
    here.setUuid(UUID.randomUUID().toString());
    // No two rows may have one uuid, and Hibernate inserts before it updates.
    Context.flushSession();
  }

  private static boolean isSameEvent(Obs here, Obs coming) {
    return same(here.getPerson(), coming.getPerson())
        && same(here.getEncounter(), coming.getEncounter())
        && same(here.getConcept(), coming.getConcept())
        && same(here.getObsDatetime(), coming.getObsDatetime())
        && same(here.getOrder(), coming.getOrder())
        && here.getStatus() == coming.getStatus()
        && here.getInterpretation() == coming.getInterpretation();
  }

  private static boolean isSameValue(Obs here, Obs coming) {
    return same(here.getValueCoded(), coming.getValueCoded())
        && same(here.getValueDatetime(), coming.getValueDatetime())
        && same(here.getValueNumeric(), coming.getValueNumeric())
        && same(here.getValueText(), coming.getValueText());
  }

  private static boolean same(Object here, Object coming) {
    return OpenmrsUtil.nullSafeEquals(here, coming);
  }

  private static void keepWhatFhirDoesNotKnow(Obs here, Obs coming) {
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
}
