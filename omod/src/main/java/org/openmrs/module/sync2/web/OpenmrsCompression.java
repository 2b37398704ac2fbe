package org.openmrs.module.sync2.web;

import javax.servlet.ServletResponse;
import javax.servlet.ServletResponseWrapper;
import javax.servlet.http.HttpServletRequest;

/**
 * OpenMRS's own compression of answers, which a global property ({@code gzip.enabled}) switches on.
 * It does not look whether an answer is compressed already.
 */
final class OpenmrsCompression {

  private static final String WRAPPER = "org.openmrs.web.filter.GZIPResponseWrapper";

  private OpenmrsCompression() {}

  /** Returns true if OpenMRS compresses what is written to this answer. */
  static boolean isOn(ServletResponse response) {
    ServletResponse each = response;
    while (each instanceof ServletResponseWrapper && !each.getClass().getName().equals(WRAPPER)) {
      each = ((ServletResponseWrapper) each).getResponse();
    }
    return each instanceof ServletResponseWrapper;
  }

  /** The codings that are left for us to choose from; null when OpenMRS chooses. */
  static String acceptedCodings(HttpServletRequest request, ServletResponse response) {
    return isOn(response) ? null : request.getHeader("Accept-Encoding");
  }
}
