package org.openmrs.module.fhir2;

public class FhirConstants {

  public static final String OPENMRS_FHIR_EXT_PERSON_ATTRIBUTE =
      "http://fhir.openmrs.org/ext/person-attribute";

  public static final String OPENMRS_FHIR_EXT_PERSON_ATTRIBUTE_TYPE =
      "http://fhir.openmrs.org/ext/person-attribute-type";

  public static final String OPENMRS_FHIR_EXT_LOCATION_TAG =
      "http://fhir.openmrs.org/ext/location-tag";

  public static final String OPENMRS_FHIR_EXT_PATIENT_IDENTIFIER_LOCATION =
      "http://fhir.openmrs.org/ext/patient/identifier#location";

  public static final String PERSON_CONTACT_POINT_ATTRIBUTE_TYPE =
      "fhir2.personContactPointAttributeTypeUuid";

  public static final String LOCATION_CONTACT_POINT_ATTRIBUTE_TYPE =
      "fhir2.locationContactPointAttributeTypeUuid";

  public static final String PROVIDER_CONTACT_POINT_ATTRIBUTE_TYPE =
      "fhir2.providerContactPointAttributeTypeUuid";

  private FhirConstants() {}
}
