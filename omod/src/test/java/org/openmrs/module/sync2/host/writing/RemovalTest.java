package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openmrs.Location;
import org.openmrs.Patient;

class RemovalTest {

  private final MemorySession session = new MemorySession();
  private final Removal removal = new Removal(session);

  @Test
  void aVoidedPatientIsRestoredAsPersonAndAsPatient() {
    Patient patient = new Patient();
    patient.setPersonVoided(true);
    patient.setVoided(true);

    assertSame(patient, Removal.restorePerson(patient));

    assertFalse(patient.getVoided());
    assertFalse(patient.getPersonVoided());
  }

  @Test
  void metadataIsRetiredOnceAndKeepsWhoRetiredIt() {
    Location location = new Location();
    removal.retire(location, true, "closed");
    session.user.setUuid("somebody else");
    removal.retire(location, true, "closed for good");

    assertTrue(location.getRetired());

    removal.retire(location, false, null);

    assertFalse(location.getRetired());
  }

  @Test
  void voidedObjectHasAUserATimeAndAReason() {
    Patient patient = new Patient();

    removal.voidAlone(patient, Removal.REASON);

    assertTrue(patient.getVoided());
    assertSame(session.user, patient.getVoidedBy());
    assertEquals(MemorySession.NOW, patient.getDateVoided());
    Removal.restore(patient);
    assertNull(patient.getVoidedBy());
  }
}
