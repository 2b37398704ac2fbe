package org.openmrs.module.sync2probe.saving;

/** What is to be made up and saved. Metadata are uuids of what the server has. */
public final class MadeUpRequest {

  public int patients;

  /** Of each patient. */
  public int encounters;

  /** Of each encounter. */
  public int observations;

  /** What the identifiers begin with: nobody has one that begins so. */
  public String identifiers;

  public String identifierType;
  public String attributeType;
  public String location;

  // Only where there are encounters.

  public String encounterType;
  public String encounterRole;
  public String provider;

  /** A number is the value of an observation of it. */
  public String concept;
}
