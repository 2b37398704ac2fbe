package org.openmrs.sync2.node;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.openmrs.sync2.SyncApi;

/**
 * {@code /ws/rest/v1/sync2/*}: hands requests to the API. The node's one user has every privilege.
 */
final class SyncServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  /** One byte more than the API accepts, so that it can tell. */
  private static final int MOST_BYTES_READ = (1 << 20) + 1;

  private static final Set<String> PRIVILEGES =
      Set.of(SyncApi.VIEW, SyncApi.MANAGE, SyncApi.GET_FEED);

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
                .parameters(parameters(request))
                .privileges(PRIVILEGES)
                .asked(
                    request.getRequestURL().toString(),
                    request.getHeader("If-None-Match"),
                    request.getHeader("Accept-Encoding"))
                .content(
                    request.getContentType(),
                    request.getHeader("X-Sync2"),
                    request.getInputStream().readNBytes(MOST_BYTES_READ)));
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.getOutputStream().write(answer.body());
  }

  private static Map<String, String> parameters(HttpServletRequest request) {
    Map<String, String> parameters = new HashMap<>();
    request.getParameterMap().forEach((name, values) -> parameters.put(name, values[0]));
    return parameters;
  }
}
