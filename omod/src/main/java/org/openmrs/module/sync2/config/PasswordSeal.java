package org.openmrs.module.sync2.config;

/** How a password is kept where others can read. */
public interface PasswordSeal {

  /** The password as it is kept. */
  String seal(String password);

  /**
   * The password that was sealed.
   *
   * @throws org.openmrs.sync2.SyncConfigurationException when it was sealed elsewhere
   */
  String open(String sealed);
}
