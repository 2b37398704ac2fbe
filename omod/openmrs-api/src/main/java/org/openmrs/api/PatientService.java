package org.openmrs.api;

import java.util.List;
import org.openmrs.Location;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.serialization.SerializationException;

public interface PatientService {

  Patient savePatient(Patient patient);

  Patient getPatientByUuid(String text);

  Patient voidPatient(Patient patient, String text);

  void purgePatient(Patient patient);

  void mergePatients(Patient patient, Patient patient2) throws SerializationException;

  List<PatientIdentifier> getPatientIdentifiers(
      String text,
      List<PatientIdentifierType> list,
      List<Location> list2,
      List<Patient> list3,
      Boolean value);

  List<PatientIdentifierType> getPatientIdentifierTypes(
      String text, String text2, Boolean value, Boolean value2);

  PatientIdentifierType savePatientIdentifierType(PatientIdentifierType patientIdentifierType);

  PatientIdentifierType getPatientIdentifierTypeByUuid(String text);

  PatientIdentifierType retirePatientIdentifierType(
      PatientIdentifierType patientIdentifierType, String text);

  void purgePatientIdentifierType(PatientIdentifierType patientIdentifierType);

  boolean isIdentifierInUseByAnotherPatient(PatientIdentifier patientIdentifier);
}
