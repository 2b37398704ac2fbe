package org.openmrs.util;

public class PrivilegeConstants {

  public static final String GET_PATIENTS = "Get Patients";

  public static final String ADD_PATIENTS = "Add Patients";

  public static final String EDIT_PATIENTS = "Edit Patients";

  public static final String ADD_PERSONS = "Add People";

  public static final String EDIT_PERSONS = "Edit People";

  public static final String ADD_VISITS = "Add Visits";

  public static final String EDIT_VISITS = "Edit Visits";

  public static final String ADD_ENCOUNTERS = "Add Encounters";

  public static final String EDIT_ENCOUNTERS = "Edit Encounters";

  public static final String ADD_OBS = "Add Observations";

  public static final String EDIT_OBS = "Edit Observations";

  public static final String MANAGE_LOCATIONS = "Manage Locations";

  public static final String MANAGE_PROVIDERS = "Manage Providers";

  private PrivilegeConstants() {}
}
