package org.openmrs.module.sync2.host.rest;

import org.openmrs.Person;
import org.openmrs.api.PersonService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;

/** Persons. One that is a patient here keeps being one. */
final class PersonRest implements RestType<Person> {

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
