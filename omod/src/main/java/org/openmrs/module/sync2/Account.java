package org.openmrs.module.sync2;

import org.openmrs.User;
import org.openmrs.api.context.Context;

/** The account of the user who is logged in on this thread. */
public final class Account {

  private Account() {}

  /**
   * Its name; empty when nobody is logged in, as on a thread that has only proxy privileges. Who
   * has no user name logs in with the system id.
   */
  public static String name() {
    User user = Context.getAuthenticatedUser();
    if (user == null) {
      return "";
    }
    String username = user.getUsername();
    return username == null || username.isEmpty() ? user.getSystemId() : username;
  }
}
