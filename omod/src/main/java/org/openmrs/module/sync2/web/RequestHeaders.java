package org.openmrs.module.sync2.web;

import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The headers of a request, as far as they are left to this module. */
final class RequestHeaders {

  private RequestHeaders() {}

  /** The header of a name, or null. */
  static String get(String name, HttpServletRequest request, HttpServletResponse response) {
    return name.equals("Accept-Encoding")
        ? OpenmrsCompression.acceptedCodings(request, response)
        : request.getHeader(name);
  }
}
