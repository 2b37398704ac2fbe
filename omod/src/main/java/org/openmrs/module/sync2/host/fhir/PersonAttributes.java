package org.openmrs.module.sync2.host.fhir;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.hl7.fhir.r4.model.ContactPoint;
import org.hl7.fhir.r4.model.Extension;
import org.openmrs.BaseOpenmrsData;
import org.openmrs.Person;
import org.openmrs.PersonAttribute;
import org.openmrs.PersonAttributeType;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.FhirConstants;
import org.openmrs.module.fhir2.api.FhirGlobalPropertyService;
import org.openmrs.module.fhir2.api.translators.PersonAttributeTranslator;
import org.openmrs.module.fhir2.api.translators.TelecomTranslator;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The attributes of a person. FHIR carries them as extensions with the name of the type, without
 * their uuids, and those of one type as contact points too, with their uuids. So they are found
 * again by uuid where there is one, else by type. Types that FHIR cannot carry stay as they are.
 */
final class PersonAttributes {

  private final PersonAttributeTranslator extensionTranslator =
      FhirModule.bean(PersonAttributeTranslator.class);
  private final TelecomTranslator<BaseOpenmrsData> telecomTranslator =
      FhirModule.bean(TelecomTranslator.class, BaseOpenmrsData.class);
  private final Person person;
  private final List<PersonAttribute> wanted = new ArrayList<>();

  private PersonAttributes(Person person) {
    this.person = person;
  }

  /** Gives the person the attributes of a document. */
  static void write(
      List<Extension> extensions, List<ContactPoint> telecom, Person person, Removal removal) {
    PersonAttributes attributes = new PersonAttributes(person);
    extensions.forEach(attributes::wantExtension);
    if (attributes.contactType() != null) {
      telecom.forEach(attributes::wantContact);
    }
    attributes.reconcile(removal);
  }

  private void wantExtension(Extension extension) {
    if (!FhirConstants.OPENMRS_FHIR_EXT_PERSON_ATTRIBUTE.equals(extension.getUrl())) {
      return;
    }
    PersonAttribute attribute = extensionTranslator.toOpenmrsType(extension);
    if (attribute == null || attribute.getAttributeType() == null || attribute.getValue() == null) {
      throw new SyncRejectedException(
          "its person attribute of the type '"
              + typeName(extension)
              + "' cannot be saved: the type, or the location or concept that is its value, is not"
              + " here; bring it here, then try again");
    }
    wanted.add(attribute);
  }

  /** The contact point of an attribute that is there as an extension too adds its uuid. */
  private void wantContact(ContactPoint contact) {
    PersonAttribute attribute =
        (PersonAttribute) telecomTranslator.toOpenmrsType(new PersonAttribute(), contact);
    Optional<PersonAttribute> same =
        wanted.stream().filter(hasTypeOf(attribute).and(hasValueOf(attribute))).findFirst();
    if (same.isPresent()) {
      same.get().setUuid(attribute.getUuid());
    } else {
      wanted.add(attribute);
    }
  }

  private void reconcile(Removal removal) {
    List<PersonAttribute> left = new ArrayList<>(person.getAttributes());
    for (PersonAttribute attribute : wanted) {
      Optional<PersonAttribute> here = known(left, attribute);
      if (here.isPresent()) {
        left.remove(here.get());
        here.get().setAttributeType(attribute.getAttributeType());
        here.get().setValue(attribute.getValue());
        Removal.restore(here.get());
      } else {
        PersonLists.add(person, attribute);
      }
    }
    left.stream()
        .filter(this::isCarried)
        .forEach(attribute -> removal.voidAlone(attribute, Removal.REASON));
  }

  /** The surest comes first. */
  private static Optional<PersonAttribute> known(
      List<PersonAttribute> left, PersonAttribute attribute) {
    Predicate<PersonAttribute> active = candidate -> !candidate.getVoided();
    List<Predicate<PersonAttribute>> ways = new ArrayList<>();
    ways.add(candidate -> candidate.getUuid().equals(attribute.getUuid()));
    ways.add(active.and(hasTypeOf(attribute)).and(hasValueOf(attribute)));
    ways.add(active.and(hasTypeOf(attribute)));
    ways.add(hasTypeOf(attribute).and(hasValueOf(attribute)));
    return ways.stream()
        .map(way -> left.stream().filter(way).findFirst())
        .filter(Optional::isPresent)
        .map(Optional::get)
        .findFirst();
  }

  private static Predicate<PersonAttribute> hasTypeOf(PersonAttribute attribute) {
    return candidate -> attribute.getAttributeType().equals(candidate.getAttributeType());
  }

  private static Predicate<PersonAttribute> hasValueOf(PersonAttribute attribute) {
    return candidate -> attribute.getValue().equals(candidate.getValue());
  }

  /** Returns true if a document would have it. */
  private boolean isCarried(PersonAttribute attribute) {
    PersonAttributeType type = attribute.getAttributeType();
    return type.getFormat() != null && extensionTranslator.toFhirResource(attribute) != null;
  }

  private PersonAttributeType contactType() {
    String uuid =
        FhirModule.bean(FhirGlobalPropertyService.class)
            .getGlobalProperty(FhirConstants.PERSON_CONTACT_POINT_ATTRIBUTE_TYPE);
    return uuid == null ? null : Context.getPersonService().getPersonAttributeTypeByUuid(uuid);
  }

  private static String typeName(Extension extension) {
    Extension type =
        extension.getExtensionByUrl(FhirConstants.OPENMRS_FHIR_EXT_PERSON_ATTRIBUTE_TYPE);
    return type == null ? "" : String.valueOf(type.getValue());
  }
}
