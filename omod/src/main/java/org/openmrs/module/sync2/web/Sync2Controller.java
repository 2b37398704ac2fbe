package org.openmrs.module.sync2.web;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.Account;
import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.sync2.SyncApi;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * {@code /ws/rest/v1/sync2/…}: hands requests to the HTTP API with the privileges of their user.
 * The REST module's filter has logged the user in, or let the request through as nobody's. The
 * engine works on a daemon thread.
 */
@Controller
public class Sync2Controller {

  private static final String ROOT = "/rest/v1/sync2";

  private final SyncApi api = new SyncApi(SyncRuntime.get(), SyncRuntime.get()::callOnDaemonThread);

  /**
   * Answers a request. Each pattern has one variable less than the REST module's own of that
   * length, and wins therefore; one with {@code **} would lose.
   */
  @RequestMapping({ROOT, ROOT + "/{a}", ROOT + "/{a}/{b}", ROOT + "/{a}/{b}/{c}"})
  public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    SyncApi.Request asked =
        new SyncApi.Request(request.getMethod(), path(request))
            .query(request.getQueryString())
            .url(request.getRequestURL().toString())
            .headers(name -> RequestHeaders.get(name, request, response));
    SyncApi.Response answer = answer(asked, request);
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.getOutputStream().write(answer.body());
  }

  /** Nobody who is not logged in has this thread wait for a body. */
  private SyncApi.Response answer(SyncApi.Request asked, HttpServletRequest request)
      throws IOException {
    return Context.isAuthenticated()
        ? api.handle(asked.user(Account.name(), privileges()), request.getInputStream())
        : api.handle(asked);
  }

  /** Returns the path after {@code /rest/v1/sync2/}. */
  private static String path(HttpServletRequest request) {
    String path = request.getPathInfo();
    return path.length() <= ROOT.length() ? "" : path.substring(ROOT.length() + 1);
  }

  /** Asked here, where the user is known: a daemon thread may do everything. */
  private static List<String> privileges() {
    return SyncApi.PRIVILEGES.stream().filter(Context::hasPrivilege).collect(Collectors.toList());
  }
}
