package org.openmrs.module.sync2.web;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.Account;
import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.sync2.SyncAccount;
import org.openmrs.sync2.SyncExchange;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/**
 * {@code /ws/rest/v1/sync2/objects/…}: passes the streams of the exchange through, with the name
 * and privilege of their user. The engine works on a daemon thread; this one reads and writes.
 */
@Controller
public class ExchangeController {

  private final SyncExchange exchange =
      new SyncExchange(SyncRuntime.get(), SyncRuntime.get()::callOnDaemonThread);

  /** Answers a request. */
  @RequestMapping("/rest/v1/sync2/objects/{endpoint}")
  public void answer(
      @PathVariable("endpoint") String endpoint,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    // The REST module's filter would keep the whole answer in memory, for a tag that no POST needs.
    ShallowEtagHeaderFilter.disableContentCaching(request);
    SyncExchange.Request asked =
        new SyncExchange.Request(
            request.getMethod(),
            "objects/" + endpoint,
            name -> RequestHeaders.get(name, request, response),
            request.getInputStream());
    if (Context.isAuthenticated()) {
      asked.user(account(), privileges());
    }
    exchange.handle(asked, new ServletAnswer(response));
  }

  /**
   * Asked here, where the user is known: a daemon thread, which works for it, may do everything.
   */
  private static SyncAccount account() {
    return CategoryPrivileges.of(Account.name(), Context::hasPrivilege);
  }

  private static Set<String> privileges() {
    return Context.hasPrivilege(SyncExchange.EXCHANGE)
        ? Collections.singleton(SyncExchange.EXCHANGE)
        : Collections.emptySet();
  }

  private static final class ServletAnswer implements SyncExchange.Answer {

    private final HttpServletResponse response;

    ServletAnswer(HttpServletResponse response) {
      this.response = response;
    }

    @Override
    public void begin(int status, Map<String, String> headers) {
      response.setStatus(status);
      headers.forEach(response::setHeader);
    }

    @Override
    public OutputStream body() throws IOException {
      return response.getOutputStream();
    }
  }
}
