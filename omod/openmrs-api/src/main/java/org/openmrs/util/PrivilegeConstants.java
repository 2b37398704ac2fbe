package org.openmrs.util;

public class PrivilegeConstants {

  public static final String GET_PATIENTS = "Get Patients";

  private PrivilegeConstants() {}
}
