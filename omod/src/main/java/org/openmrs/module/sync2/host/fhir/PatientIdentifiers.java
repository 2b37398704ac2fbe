package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import java.util.Objects;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.openmrs.Location;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.FhirConstants;
import org.openmrs.module.fhir2.api.FhirPatientService;
import org.openmrs.module.fhir2.api.translators.LocationReferenceTranslator;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The identifiers of a patient. The FHIR module's translator is not used: it drops an identifier
 * whose type it does not find by name.
 */
final class PatientIdentifiers {

  private PatientIdentifiers() {}

  /** Gives the patient the identifiers of a document. */
  static void write(String uuid, List<Identifier> identifiers, Patient patient, Removal removal) {
    new Parts<Identifier, PatientIdentifier>(
            patient.getIdentifiers(),
            PatientIdentifier::new,
            PatientIdentifiers::fill,
            identifier -> PersonLists.add(patient, identifier))
        .reconcile(ElementUuid.byUuid(identifiers, uuid + "/identifier"), removal);
  }

  private static void fill(PatientIdentifier identifier, Identifier element) {
    identifier.setIdentifier(element.getValue());
    identifier.setPreferred(element.getUse() == Identifier.IdentifierUse.OFFICIAL);
    identifier.setIdentifierType(type(element));
    identifier.setLocation(location(element, identifier.getLocation()));
  }

  /** By its uuid, else as the FHIR module finds it: by system or name. */
  private static PatientIdentifierType type(Identifier element) {
    PatientService patients = Context.getPatientService();
    PatientIdentifierType type =
        element.getType().getCoding().stream()
            .filter(coding -> !coding.hasSystem() && coding.hasCode())
            .map(coding -> patients.getPatientIdentifierTypeByUuid(coding.getCode()))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseGet(() -> byName(element));
    if (type == null) {
      throw new SyncRejectedException(
          "its patient identifier type is not here: "
              + (element.hasType() ? Named.words(element.getType()) : element.getSystem())
              + "; make it here with the same uuid, or with the same name, then try again");
    }
    return type;
  }

  private static PatientIdentifierType byName(Identifier element) {
    return FhirModule.bean(FhirPatientService.class).getPatientIdentifierTypeByIdentifier(element);
  }

  /** A retired location is not in the document, and stays. */
  private static Location location(Identifier element, Location here) {
    Extension extension =
        element.getExtensionByUrl(FhirConstants.OPENMRS_FHIR_EXT_PATIENT_IDENTIFIER_LOCATION);
    if (extension == null || !(extension.getValue() instanceof Reference)) {
      return here != null && here.getRetired() ? here : null;
    }
    Reference reference = (Reference) extension.getValue();
    Location location = FhirModule.bean(LocationReferenceTranslator.class).toOpenmrsType(reference);
    Named.mustBeHere(reference, location);
    return location;
  }
}
