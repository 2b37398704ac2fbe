package org.openmrs.web.filter;

import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpServletResponseWrapper;

/** Stands for OpenMRS's, of which only the name is looked at. */
public final class GZIPResponseWrapper extends HttpServletResponseWrapper {

  public GZIPResponseWrapper(HttpServletResponse response) {
    super(response);
  }
}
