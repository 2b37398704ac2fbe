package org.openmrs.sync2.node;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.openmrs.sync2.SyncExchange;

/**
 * {@code /ws/rest/v1/sync2/objects/*}: passes the streams of the exchange through. Every account of
 * the node has the privilege; what it may exchange is configured by its name.
 */
final class ExchangeServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private final transient SyncExchange exchange;

  ExchangeServlet(SyncExchange exchange) {
    this.exchange = exchange;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    SyncExchange.Request asked =
        new SyncExchange.Request(
            request.getMethod(),
            "objects" + Objects.toString(request.getPathInfo(), ""),
            request::getHeader,
            request.getInputStream());
    exchange.handle(
        asked.user(LogIn.account(request), Set.of(SyncExchange.EXCHANGE)),
        new SyncExchange.Answer() {
          @Override
          public void begin(int status, Map<String, String> headers) {
            response.setStatus(status);
            headers.forEach(response::setHeader);
          }

          @Override
          public OutputStream body() throws IOException {
            return response.getOutputStream();
          }
        });
  }
}
