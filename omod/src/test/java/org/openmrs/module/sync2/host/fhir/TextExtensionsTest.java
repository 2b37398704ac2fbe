package org.openmrs.module.sync2.host.fhir;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.StringType;
import org.junit.jupiter.api.Test;

class TextExtensionsTest {

  /** Written and read again, as it comes from a parent. */
  @Test
  void anEmptyTextIsEmptyAgain() {
    Patient patient = new Patient();
    Extension lines = patient.addAddress().addExtension().setUrl("http://example.org/address");
    lines.addExtension("http://example.org/address#1", new StringType(""));
    lines.addExtension("http://example.org/address#2", new StringType("Plot 7"));
    byte[] json = FhirJson.encode(patient);

    Address address = FhirJson.parse(Patient.class, json).getAddressFirstRep();
    TextExtensions.complete(address);

    assertEquals("", line(address, 0));
    assertEquals("Plot 7", line(address, 1));
    Patient again = new Patient().addAddress(address);
    assertEquals(
        new String(json, StandardCharsets.UTF_8),
        new String(FhirJson.encode(again), StandardCharsets.UTF_8));
  }

  private static String line(Address address, int position) {
    Extension line = address.getExtension().get(0).getExtension().get(position);
    return ((StringType) line.getValue()).getValue();
  }
}
