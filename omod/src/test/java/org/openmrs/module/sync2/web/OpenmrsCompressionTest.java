package org.openmrs.module.sync2.web;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpServletResponseWrapper;
import org.junit.jupiter.api.Test;
import org.openmrs.web.filter.GZIPResponseWrapper;

class OpenmrsCompressionTest {

  /** An answer of the servlet container. */
  private static HttpServletResponse plain() {
    return (HttpServletResponse)
        Proxy.newProxyInstance(
            OpenmrsCompressionTest.class.getClassLoader(),
            new Class<?>[] {HttpServletResponse.class},
            (proxy, method, arguments) -> null);
  }

  @Test
  void openmrsIsSeenThroughOtherFilters() {
    HttpServletResponse compressed = new GZIPResponseWrapper(plain());
    assertTrue(OpenmrsCompression.isOn(compressed));
    assertTrue(OpenmrsCompression.isOn(new HttpServletResponseWrapper(compressed)));
  }

  @Test
  void foreignResponseIsLeftAlone() {
    assertFalse(OpenmrsCompression.isOn(plain()));
    assertFalse(OpenmrsCompression.isOn(new HttpServletResponseWrapper(plain())));
  }
}
