package org.openmrs.module.sync2.host.fhir;

import java.util.Collections;
import org.openmrs.Person;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirPersonDao;
import org.openmrs.module.fhir2.api.translators.PersonTranslator;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;

/** Persons, also those that are patients, users or providers. */
public final class FhirPersons extends FhirCategory<org.hl7.fhir.r4.model.Person, Person> {

  /** Holds nothing. */
  public FhirPersons() {
    super(org.hl7.fhir.r4.model.Person.class);
  }

  @Override
  Person find(String uuid) {
    return FhirModule.bean(FhirPersonDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Person person) {
    return person.getPersonVoided();
  }

  @Override
  org.hl7.fhir.r4.model.Person toFhir(Person person) {
    return FhirModule.bean(PersonTranslator.class).toFhirResource(person);
  }

  @Override
  void write(Person here, org.hl7.fhir.r4.model.Person document, Writing writing) {
    Person person = here == null ? new Person() : here;
    person.setUuid(document.getIdElement().getIdPart());
    PersonContent.of(document).writeTo(person, writing.removal());
    // Of a person the FHIR module gives an empty contact point, and none with a value.
    PersonAttributes.write(
        document.getExtension(), Collections.emptyList(), person, writing.removal());
    Removal.restorePerson(person);
    writing.store(person);
  }

  @Override
  void withdraw(Person person, String reason) {
    Context.getPersonService().voidPerson(person, reason);
  }

  @Override
  void purge(Person person) {
    Context.getPersonService().purgePerson(person);
  }
}
