package org.openmrs.module.sync2.host.writing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmrs.Location;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.PatientIdentifierType.UniquenessBehavior;
import org.openmrs.sync2.SyncDuplicateException;

class IdentifierOwnerTest {

  private final PatientIdentifierType type = new PatientIdentifierType();
  private final List<PatientIdentifier> here = new ArrayList<>();
  private final Patient other = patient("other");
  private final Patient coming = patient("coming");

  IdentifierOwnerTest() {
    type.setUuid("type");
    type.setName("Card number");
    type.setUniquenessBehavior(UniquenessBehavior.UNIQUE);
    here.add(identifier(other, null));
  }

  @Test
  void numberOfAnotherPatientIsRefusedNamingTypeAndOwnerOnly() {
    identifier(coming, null);

    String words = refused();

    assertTrue(words.contains("'Card number'"), words);
    assertTrue(words.contains("patient other"), words);
    assertFalse(words.contains("100HA1"), words);
  }

  @Test
  void aTypeWhoseNumbersMayBeSharedRefusesNothing() {
    type.setUniquenessBehavior(UniquenessBehavior.NON_UNIQUE);
    identifier(coming, null);

    assertDoesNotThrow(this::check);
  }

  @Test
  void aNumberOfAVoidedPatientIsFree() {
    other.setVoided(true);
    identifier(coming, null);

    assertDoesNotThrow(this::check);
  }

  @Test
  void aVoidedNumberOfThePatientIsNotAskedFor() {
    identifier(coming, null).setVoided(true);

    assertDoesNotThrow(this::check);
  }

  @Test
  void aNumberThatThePatientHasAlreadyIsItsOwn() {
    here.clear();
    here.add(identifier(coming, null));

    assertDoesNotThrow(this::check);
  }

  @Test
  void aNumberThatIsUniqueWithinALocationIsFreeElsewhere() {
    type.setUniquenessBehavior(UniquenessBehavior.LOCATION);
    here.get(0).setLocation(location("north"));
    PatientIdentifier wanted = identifier(coming, location("south"));

    assertDoesNotThrow(this::check);

    wanted.setLocation(location("north"));
    refused();
  }

  private String refused() {
    return assertThrows(SyncDuplicateException.class, this::check).getMessage();
  }

  private void check() {
    new IdentifierOwner((value, ofType) -> here).check(coming);
  }

  private PatientIdentifier identifier(Patient owner, Location location) {
    PatientIdentifier identifier = new PatientIdentifier();
    identifier.setUuid(owner.getUuid() + "'s number");
    identifier.setIdentifier("100HA1");
    identifier.setIdentifierType(type);
    identifier.setLocation(location);
    PersonLists.add(owner, identifier);
    return identifier;
  }

  private static Patient patient(String uuid) {
    Patient patient = new Patient();
    patient.setUuid(uuid);
    return patient;
  }

  private static Location location(String uuid) {
    Location location = new Location();
    location.setUuid(uuid);
    return location;
  }
}
