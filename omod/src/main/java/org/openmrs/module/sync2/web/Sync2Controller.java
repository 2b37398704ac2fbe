package org.openmrs.module.sync2.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.sync2.SyncApi;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * {@code /ws/rest/v1/sync2/…}: hands requests to the HTTP API with the privileges of their user.
 * The REST module's filter has logged the user in, or let the request through as nobody's.
 */
@Controller
public class Sync2Controller {

  private static final String ROOT = "/rest/v1/sync2";

  /** One byte more than the API accepts, so that it can tell. */
  private static final int MOST_BYTES_READ = (1 << 20) + 1;

  private final SyncApi api = new SyncApi(SyncRuntime.get());

  /**
   * Answers a request. Each pattern has one variable less than the REST module's own of that
   * length, and wins therefore; one with {@code **} would lose.
   */
  @RequestMapping({ROOT, ROOT + "/{a}", ROOT + "/{a}/{b}", ROOT + "/{a}/{b}/{c}"})
  public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    SyncApi.Request asked =
        new SyncApi.Request(request.getMethod(), path(request))
            .parameters(parameters(request))
            .asked(
                request.getRequestURL().toString(),
                request.getHeader("If-None-Match"),
                OpenmrsCompression.acceptedCodings(request, response))
            .content(request.getContentType(), request.getHeader("X-Sync2"), body(request));
    if (Context.isAuthenticated()) {
      asked.privileges(privileges());
    }
    SyncApi.Response answer = api.handle(asked);
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.getOutputStream().write(answer.body());
  }

  /** What follows {@code /rest/v1/sync2/}. */
  private static String path(HttpServletRequest request) {
    String path = request.getPathInfo();
    return path.length() <= ROOT.length() ? "" : path.substring(ROOT.length() + 1);
  }

  private static Map<String, String> parameters(HttpServletRequest request) {
    Map<String, String> parameters = new HashMap<>();
    request.getParameterMap().forEach((name, values) -> parameters.put(name, values[0]));
    return parameters;
  }

  private static Set<String> privileges() {
    Set<String> privileges = new HashSet<>();
    for (String privilege : new String[] {SyncApi.VIEW, SyncApi.MANAGE, SyncApi.GET_FEED}) {
      if (Context.hasPrivilege(privilege)) {
        privileges.add(privilege);
      }
    }
    return privileges;
  }

  private static byte[] body(HttpServletRequest request) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    InputStream in = request.getInputStream();
    byte[] part = new byte[8192];
    for (int read = in.read(part); read >= 0 && body.size() < MOST_BYTES_READ; ) {
      body.write(part, 0, read);
      read = in.read(part);
    }
    return body.toByteArray();
  }
}
