package org.openmrs.module.sync2.host.fhir;

import java.util.List;
import org.hl7.fhir.r4.model.HumanName;
import org.openmrs.Person;
import org.openmrs.PersonName;
import org.openmrs.module.fhir2.api.translators.PersonNameTranslator;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Removal;

/** The names of a person. */
final class PersonNames {

  private PersonNames() {}

  /** Gives the person the names of a document, whose uuid makes those of names without an id. */
  static void write(String uuid, List<HumanName> names, Person person, Removal removal) {
    String list = uuid + "/name";
    PersonNameTranslator translator = FhirModule.bean(PersonNameTranslator.class);
    new Parts<HumanName, PersonName>(
            person.getNames(),
            PersonName::new,
            (name, element) -> fill(name, element, translator),
            name -> PersonLists.add(person, name))
        .reconcile(ElementUuid.byUuid(names, list), removal);
    if (!names.isEmpty()) {
      prefer(ElementUuid.of(names.get(0), list, 0), person);
    }
  }

  private static void fill(PersonName name, HumanName element, PersonNameTranslator translator) {
    clear(name);
    TextExtensions.complete(element);
    translator.toOpenmrsType(name, element);
    // The translator makes an empty middle name of a missing one.
    if ("".equals(name.getMiddleName())) {
      name.setMiddleName(null);
    }
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
