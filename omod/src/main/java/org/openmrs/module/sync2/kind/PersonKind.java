package org.openmrs.module.sync2.kind;

import org.openmrs.Person;
import org.openmrs.api.PersonService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.fhir.FhirPersons;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Persons. One that is a patient here keeps being one. */
final class PersonKind implements RestType<Person> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("person")
        .keptIn(PersonParts.in(Table.of("person", "person_id")))
        .heldWhenReferredTo()
        .told("org.openmrs.Person", Withdrawal.PERSON_VOIDED, Belonging.NOWHERE)
        .part("org.openmrs.PersonName", "person")
        .part("org.openmrs.PersonAddress", "person")
        .part("org.openmrs.PersonAttribute", "person")
        .guardedBy(Privileges.ofData("People"))
        .inRest(new PersonKind())
        .inFhir(() -> new FhirPersons());
  }

  @Override
  public Class<Person> type() {
    return Person.class;
  }

  @Override
  public Person find(String uuid) {
    return persons().getPersonByUuid(uuid);
  }

  @Override
  public void save(Person here, String uuid, JsonFields json, Writing writing) {
    Person person = here == null ? create(uuid, json) : Removal.restorePerson(here);
    PersonParts.fill(person, json, writing);
    writing.store(person);
  }

  @Override
  public void remove(Person here, String reason) {
    if (!here.getVoided()) {
      persons().voidPerson(here, reason);
    }
  }

  @Override
  public void purge(Person here) {
    persons().purgePerson(here);
  }

  private static Person create(String uuid, JsonFields json) {
    Person person = new Person();
    person.setUuid(uuid);
    Creation.stampPerson(person, json);
    return person;
  }

  private static PersonService persons() {
    return Context.getPersonService();
  }
}
