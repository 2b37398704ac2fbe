package org.openmrs.module.sync2probe.saving;

import java.util.List;

/** Which patients are to be changed, and to what. */
public final class EditsRequest {

  /** Of the patients. */
  public List<String> uuids;

  /** Another one than each of them has, such as {@code 1984-05-17}. */
  public String birthdate;
}
