package org.openmrs.module.sync2.config;

import org.openmrs.api.APIException;
import org.openmrs.sync2.SyncConfigurationException;
import org.openmrs.util.Security;

/** Encrypts with the key {@code encryption.key} of OpenMRS's runtime properties. */
public final class OpenmrsSeal implements PasswordSeal {

  @Override
  public String seal(String password) {
    return Security.encrypt(password, Security.getSavedInitVector(), Security.getSavedSecretKey());
  }

  @Override
  public String open(String sealed) {
    try {
      return Security.decrypt(sealed, Security.getSavedInitVector(), Security.getSavedSecretKey());
    } catch (APIException | IllegalArgumentException e) {
      throw new SyncConfigurationException(
          "was encrypted with another key than encryption.key of the runtime"
              + " properties: give it again");
    }
  }
}
