package org.openmrs.sync2.node;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.openmrs.sync2.SyncApi;

/**
 * {@code /ws/rest/v1/sync2/*}: hands requests to the API. The node's owner has every privilege, a
 * child that to read the feed.
 */
final class SyncServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final List<String> CHILDS_PRIVILEGES = List.of(SyncApi.GET_FEED);

  private final transient SyncApi api;

  SyncServlet(SyncApi api) {
    this.api = api;
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
                .user(
                    LogIn.account(request),
                    LogIn.isChild(request) ? CHILDS_PRIVILEGES : SyncApi.PRIVILEGES),
            request.getInputStream());
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.getOutputStream().write(answer.body());
  }
}
