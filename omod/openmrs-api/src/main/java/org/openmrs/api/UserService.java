package org.openmrs.api;

import org.openmrs.Privilege;
import org.openmrs.User;

public interface UserService {

  User getUserByUuid(String text);

  Privilege getPrivilege(String text);
}
