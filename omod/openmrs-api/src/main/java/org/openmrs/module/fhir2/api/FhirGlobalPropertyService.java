package org.openmrs.module.fhir2.api;

public interface FhirGlobalPropertyService {

  String getGlobalProperty(String text);
}
