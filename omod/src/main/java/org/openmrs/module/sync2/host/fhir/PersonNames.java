package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import org.hl7.fhir.r4.model.HumanName;
import org.openmrs.Person;
import org.openmrs.PersonName;
import org.openmrs.module.fhir2.api.translators.PersonNameTranslator;

/** The names of a person. */
final class PersonNames extends Parts<HumanName, PersonName> {

  private final Person person;
  private final PersonNameTranslator translator = FhirModule.bean(PersonNameTranslator.class);

  private PersonNames(String list, Person person) {
    super(list);
    this.person = person;
  }

  /** Gives the person the names of a document, whose uuid makes those of names without an id. */
  static void write(String uuid, List<HumanName> names, Person person) {
    String list = uuid + "/name";
    new PersonNames(list, person).reconcile(names, person.getNames());
    if (!names.isEmpty()) {
      prefer(ElementUuid.of(names.get(0), list, 0), person);
    }
  }

  @Override
  PersonName create() {
    return new PersonName();
  }

  @Override
  void write(HumanName element, PersonName name) {
    clear(name);
    TextExtensions.complete(element);
    translator.toOpenmrsType(name, element);
    // The translator makes an empty middle name of a missing one.
    if ("".equals(name.getMiddleName())) {
      name.setMiddleName(null);
    }
  }

  @Override
  void attach(PersonName name) {
    person.addName(name);
  }

  /** FHIR has no mark for the preferred name, but OpenMRS gives it first. */
  private static void prefer(String uuid, Person person) {
    person.getNames().forEach(name -> name.setPreferred(name.getUuid().equals(uuid)));
  }

  /** The translator leaves what the document does not have as it was. */
  private static void clear(PersonName name) {
    name.setPrefix(null);
    name.setGivenName(null);
    name.setMiddleName(null);
    name.setFamilyNamePrefix(null);
    name.setFamilyName(null);
    name.setFamilyName2(null);
    name.setFamilyNameSuffix(null);
    name.setDegree(null);
  }
}
