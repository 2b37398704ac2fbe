package org.openmrs.module.sync2.web;

import org.openmrs.User;
import org.openmrs.api.context.Context;

/** The account of the user who is logged in on this thread. */
final class Account {

  private Account() {}

  /** Its name. Who has no user name logs in with the system id. */
  static String name() {
    User user = Context.getAuthenticatedUser();
    String username = user.getUsername();
    return username == null || username.isEmpty() ? user.getSystemId() : username;
  }
}
