package org.openmrs.module.sync2.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import javax.servlet.FilterChain;
import javax.servlet.ServletOutputStream;
import javax.servlet.WriteListener;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.openmrs.web.filter.GZIPResponseWrapper;

/** The files of the page come compressed to who can read them so. */
class PageCompressionTest {

  private static final String FILE = String.join("", Collections.nCopies(1000, "a line\n"));

  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  /** As OpenMRS serves a file of a module. */
  private final FilterChain openmrs =
      (request, response) -> {
        response.setContentLength(FILE.length());
        response.getOutputStream().write(FILE.getBytes(UTF_8));
      };

  private static <T> T proxy(Class<T> type, Function<Object[], Object> first) {
    return type.cast(
        Proxy.newProxyInstance(
            PageCompressionTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                first.apply(
                    new Object[] {
                      method.getName(), arguments == null ? new Object[0] : arguments
                    })));
  }

  private static HttpServletRequest accepting(String codings) {
    return proxy(HttpServletRequest.class, call -> call[0].equals("getHeader") ? codings : null);
  }

  private HttpServletResponse answer() {
    return proxy(
        HttpServletResponse.class,
        call -> {
          Object[] arguments = (Object[]) call[1];
          if (call[0].equals("getOutputStream")) {
            return body();
          }
          if (call[0].equals("setHeader")) {
            headers.put((String) arguments[0], (String) arguments[1]);
          }
          if (call[0].equals("setContentLength")) {
            headers.put("Content-Length", arguments[0].toString());
          }
          return null;
        });
  }

  private ServletOutputStream body() {
    return new ServletOutputStream() {
      @Override
      public void write(int value) {
        sent.write(value);
      }

      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void setWriteListener(WriteListener listener) {}
    };
  }

  private String uncompressed() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (GZIPInputStream body = new GZIPInputStream(new ByteArrayInputStream(sent.toByteArray()))) {
      for (int read = body.read(); read >= 0; read = body.read()) {
        text.write(read);
      }
    }
    return text.toString(UTF_8.name());
  }

  @Test
  void aFileOfThePageIsCompressed() throws Exception {
    new PageCompression().doFilter(accepting("br, gzip"), answer(), openmrs);
    assertEquals(FILE, uncompressed());
    assertEquals("gzip", headers.get("Content-Encoding"));
    assertNull(headers.get("Content-Length"), "it is not the length of what is sent");
  }

  @Test
  void whoCannotReadItGetsTheFileAsItIs() throws Exception {
    new PageCompression().doFilter(accepting(null), answer(), openmrs);
    assertEquals(FILE, sent.toString(UTF_8.name()));
    assertNull(headers.get("Content-Encoding"));
  }

  @Test
  void anAnswerThatOpenmrsCompressesIsLeftAlone() throws Exception {
    HttpServletResponse compressing = new GZIPResponseWrapper(answer());
    new PageCompression().doFilter(accepting("gzip"), compressing, openmrs);
    assertNull(headers.get("Content-Encoding"));
    assertEquals(FILE, sent.toString(UTF_8.name()));
  }

  @Test
  void anAnswerWithoutABodyIsLeftAlone() throws Exception {
    new PageCompression().doFilter(accepting("gzip"), answer(), (request, response) -> {});
    assertEquals(Collections.emptyMap(), headers);
  }
}
