package org.openmrs.module.web;

import javax.servlet.http.HttpServlet;

public class WebModuleUtil {

  public static HttpServlet getServlet(String servletName) {
    throw new UnsupportedOperationException();
  }

  private WebModuleUtil() {}
}
