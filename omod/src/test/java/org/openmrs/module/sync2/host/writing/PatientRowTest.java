package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.User;

class PatientRowTest {

  private final MemorySession session = new MemorySession();
  private final Patient loaded = new Patient();
  private User creator;
  private Date created;

  private final PatientRow.Rows rows =
      new PatientRow.Rows() {
        @Override
        public void insert(Integer personId, User user, Date dateCreated) {
          session.steps.add("insert");
          creator = user;
          created = dateCreated;
        }

        @Override
        public void forget(Person person) {
          session.steps.add("forget");
        }

        @Override
        public Patient load(String uuid) {
          session.steps.add("load " + uuid);
          return loaded;
        }

        @Override
        public void index(Patient patient) {
          session.steps.add("index");
        }
      };

  @Test
  void personIsEvictedBeforeThePatientLoadsAndIndexedAfterTheWrite() {
    Writing writing = session.recording();

    writing.wholly(
        () -> assertSame(loaded, new PatientRow(writing, rows).promote(person(), null, null)));

    assertEquals(
        Arrays.asList("flush", "insert", "forget", "load p", "flush", "index"), session.steps);
  }

  @Test
  void creatorOfThePatientIsAsTheDocumentSays() {
    User parents = new User();

    new PatientRow(session.recording(), rows).promote(person(), parents, new Date(7));

    assertSame(parents, creator);
    assertEquals(new Date(7), created);
  }

  @Test
  void whereTheDocumentDoesNotSayItIsTheUserOfTheSessionAndNow() {
    new PatientRow(session.recording(), rows).promote(person(), null, null);

    assertSame(session.user, creator);
    assertEquals(MemorySession.NOW, created);
  }

  @Test
  void aPersonThatWasVoidedBecomesALivePatient() {
    loaded.setPersonVoided(true);

    assertFalse(
        new PatientRow(session.recording(), rows).promote(person(), null, null).getVoided());
  }

  private static Person person() {
    Person person = new Person();
    person.setUuid("p");
    return person;
  }
}
