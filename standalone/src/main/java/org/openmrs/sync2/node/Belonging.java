package org.openmrs.sync2.node;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Location;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Property;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/**
 * The patient and the location that a FHIR document says it belongs to, so that children which
 * serve some of them need not fetch the rest. A patient and a location belong to themselves.
 *
 * @param patient its id, or null
 * @param location its id, or null
 */
record Belonging(String patient, String location) {

  /** Where OpenMRS's FHIR module writes at which location an identifier was given. */
  private static final String IDENTIFIER_LOCATION =
      "http://fhir.openmrs.org/ext/patient/identifier#location";

  /** Elements that name the patient, by FHIR type one or the other. */
  private static final List<String> PATIENT_ELEMENTS = List.of("patient", "subject");

  /** Reads a document. */
  static Belonging of(Resource document) {
    return new Belonging(patient(document), location(document));
  }

  private static String patient(Resource document) {
    if (document instanceof Patient) {
      return document.getIdElement().getIdPart();
    }
    return first(
        "Patient", PATIENT_ELEMENTS.stream().flatMap(element -> references(document, element)));
  }

  private static String location(Resource document) {
    if (document instanceof Location) {
      return document.getIdElement().getIdPart();
    }
    if (document instanceof Patient patient) {
      return first("Location", identifierLocations(patient));
    }
    return first("Location", references(document, "location"));
  }

  /** The location of the preferred identifier comes first. */
  private static Stream<Reference> identifierLocations(Patient patient) {
    List<Identifier> identifiers = patient.getIdentifier();
    return Stream.concat(identifiers.stream().filter(Belonging::isPreferred), identifiers.stream())
        .flatMap(identifier -> identifier.getExtensionsByUrl(IDENTIFIER_LOCATION).stream())
        .map(Extension::getValue)
        .filter(Reference.class::isInstance)
        .map(Reference.class::cast);
  }

  private static boolean isPreferred(Identifier identifier) {
    return identifier.getUse() == Identifier.IdentifierUse.OFFICIAL;
  }

  /** The references in an element, which can have elements of the same name: Encounter.location. */
  private static Stream<Reference> references(Base of, String element) {
    Property property = of.getChildByName(element);
    if (property == null) {
      return Stream.empty();
    }
    return property.getValues().stream()
        .flatMap(
            value ->
                value instanceof Reference reference
                    ? Stream.of(reference)
                    : references(value, element));
  }

  private static String first(String type, Stream<Reference> references) {
    Optional<IIdType> named =
        references
            .map(Reference::getReferenceElement)
            .filter(target -> type.equals(target.getResourceType()))
            .findFirst();
    return named.map(IIdType::getIdPart).orElse(null);
  }
}
