package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Encounter.EncounterParticipantComponent;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncRejectedException;

class FhirJsonTest {

  @Test
  void keepsTheIdsOfElements() {
    byte[] json =
        bytes("{'resourceType':'Patient','id':'p','name':[{'id':'n','family':'Ökello'}]}");

    Patient patient = FhirJson.parse(Patient.class, json);

    assertEquals("n", patient.getNameFirstRep().getId());
    assertEquals(new String(json, StandardCharsets.UTF_8), text(FhirJson.encode(patient)));
  }

  @Test
  void refusesWhatItCannotReadWithoutQuotingIt() {
    assertRefused("{'resourceType':'Encounter','id':'secret'}");
    assertRefused("{'resourceType':'Patient','birthDate':'secret'}");
    assertRefused("secret");
  }

  /** The FHIR module puts null where an encounter provider is voided. */
  @Test
  void leavesOutVoidedParticipants() {
    Encounter encounter = new Encounter();
    EncounterParticipantComponent participant =
        new EncounterParticipantComponent().setIndividual(new Reference("Practitioner/p"));
    encounter.setParticipant(Arrays.asList(null, participant));

    Encounter read = FhirJson.parse(Encounter.class, FhirJson.encode(encounter));

    assertEquals(1, read.getParticipant().size());
  }

  private static void assertRefused(String json) {
    SyncRejectedException refused =
        assertThrows(SyncRejectedException.class, () -> FhirJson.parse(Patient.class, bytes(json)));
    assertFalse(refused.getMessage().contains("secret"));
  }

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  @Test
  void takesACodeWithoutAWordForOneThatIsEmpty() {
    byte[] json =
        "{\"resourceType\": \"Patient\", \"gender\": \"?\"}".getBytes(StandardCharsets.UTF_8);

    Patient patient = FhirJson.parse(Patient.class, json);

    assertNull(patient.getGender());
    assertTrue(FhirJson.hasEmptyCode(patient));
  }

  @Test
  void aMissingCodeIsNotEmpty() {
    byte[] json = "{\"resourceType\": \"Patient\"}".getBytes(StandardCharsets.UTF_8);

    assertFalse(FhirJson.hasEmptyCode(FhirJson.parse(Patient.class, json)));
  }
}
