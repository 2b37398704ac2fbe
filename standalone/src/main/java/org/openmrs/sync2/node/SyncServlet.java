package org.openmrs.sync2.node;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.openmrs.sync2.SyncApi;

/**
 * {@code /ws/rest/v1/sync2/*}: hands requests to the API. The node's one user has every privilege.
 */
final class SyncServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private final transient SyncApi api;

  private final String username;

  SyncServlet(SyncApi api, String username) {
    this.api = api;
    this.username = username;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getPathInfo() == null ? "" : request.getPathInfo().substring(1);
    SyncApi.Response answer =
        api.handle(
            new SyncApi.Request(request.getMethod(), path)
                .query(request.getQueryString())
                .url(request.getRequestURL().toString())
                .headers(request::getHeader)
                .user(username, SyncApi.PRIVILEGES)
                .body(SyncApi.body(request.getInputStream())));
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.getOutputStream().write(answer.body());
  }
}
