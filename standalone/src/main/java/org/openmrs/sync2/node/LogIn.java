package org.openmrs.sync2.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the APIs: the owner of the node file, and children, by Basic auth or by a session, as
 * in OpenMRS. A child may read the feed and exchange objects, and nothing else.
 */
final class LogIn {

  private static final Logger LOG = LoggerFactory.getLogger(LogIn.class);

  private static final String ACCOUNT = LogIn.class.getName();
  private static final String CHILD = ACCOUNT + ".child";
  private static final String SESSION_PATH = "/ws/rest/v1/session";
  private static final String FEED_PATH = "/ws/atomfeed/";

  /** The page's own requests have it: the browser would ask for a password itself, else. */
  private static final String PAGES_HEADER = "X-Sync2";

  /** The paths that are open to a child. */
  private static final List<String> OF_CHILDREN =
      List.of("/ws/rest/v1/sync2/feed/", "/ws/rest/v1/sync2/objects/");

  /** How many wrong passwords are answered at once: so many may be tried in the time of one. */
  static final int MOST_FAILURES = 8;

  /** How long the answer to a wrong password takes. */
  private static final Duration FAILURE = Duration.ofSeconds(1);

  private final String owner;
  private final Map<String, byte[]> credentials = new HashMap<>();
  private final Runnable pause;

  /** A place for each wrong password that is being answered. */
  private final Semaphore failures = new Semaphore(MOST_FAILURES);

  LogIn(NodeConfig.Server settings) {
    this(settings, LogIn::pause);
  }

  /**
   * @param pause returns when a wrong password may be answered
   */
  LogIn(NodeConfig.Server settings, Runnable pause) {
    this.owner = settings.username();
    this.pause = pause;
    settings.children().forEach(this::add);
    add(owner, settings.password());
  }

  private void add(String name, String password) {
    credentials.put(name, (name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private static void pause() {
    try {
      Thread.sleep(FAILURE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As many wrong passwords are being answered as may be at once. */
  private static final class BusyException extends Exception {

    private static final long serialVersionUID = 1L;
  }

  /** The user name of who sends a request that was let in. */
  static String account(HttpServletRequest request) {
    return (String) request.getAttribute(ACCOUNT);
  }

  /** Returns true if it is a child's. */
  static boolean isChild(HttpServletRequest request) {
    return request.getAttribute(CHILD) != null;
  }

  private static byte[] given(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(header.substring(6).trim());
    } catch (IllegalArgumentException e) {
      return new byte[0]; // not base64
    }
  }

  /** The account whose name and password these are; null when there is none. */
  private String named(byte[] given) {
    String found = null;
    for (Map.Entry<String, byte[]> account : credentials.entrySet()) {
      if (MessageDigest.isEqual(given, account.getValue())) {
        found = account.getKey();
      }
    }
    return found;
  }

  private static String ofSession(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    return session == null ? null : (String) session.getAttribute(ACCOUNT);
  }

  /** Returns true if the request belongs to a session that has logged in. */
  static boolean hasSession(HttpServletRequest request) {
    return ofSession(request) != null;
  }

  /**
   * Lets in who has logged in, and leaves the log-in itself and the feed to their servlets. The
   * feed ignores Basic auth and has an answer of its own for who has no session. The files of the
   * page hold nothing of anybody's, and everybody gets them, as from OpenMRS.
   */
  final class Gate extends HttpFilter {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      if (request.getServletPath().equals(PageServlet.PATH)) {
        chain.doFilter(request, response);
        return;
      }
      String path =
          request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
      String account = ofSession(request);
      byte[] given = given(request);
      try {
        if (account == null && given != null) {
          account = logIn(request, given);
        }
      } catch (BusyException e) {
        response.setHeader("Retry-After", "1");
        response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        return;
      }
      boolean isOpen = path.equals(SESSION_PATH) || path.startsWith(FEED_PATH);
      if (account == null && !isOpen) {
        if (request.getHeader(PAGES_HEADER) == null) {
          response.setHeader("WWW-Authenticate", "Basic realm=\"OpenMRS\"");
        }
        response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
      } else if (isClosed(account, path)) {
        response.sendError(HttpServletResponse.SC_FORBIDDEN);
      } else {
        tell(request, account);
        chain.doFilter(request, response);
      }
    }

    private void tell(HttpServletRequest request, String account) {
      request.setAttribute(ACCOUNT, account);
      if (account != null && !account.equals(owner)) {
        request.setAttribute(CHILD, Boolean.TRUE);
      }
    }

    private boolean isClosed(String account, String path) {
      return account != null
          && !account.equals(owner)
          && !path.equals(SESSION_PATH)
          && OF_CHILDREN.stream().noneMatch(path::startsWith);
    }

    /**
     * The account; null when the password is wrong, which takes a while.
     *
     * @throws BusyException when there is no place for a wrong one. Nothing is tried then, or the
     *     answer would tell whether it was right
     */
    private String logIn(HttpServletRequest request, byte[] given) throws BusyException {
      String account = tried(given);
      if (account == null) {
        try {
          LOG.warn("Somebody at {} gave a wrong user name or password.", request.getRemoteAddr());
          pause.run();
        } finally {
          failures.release();
        }
      }
      return account;
    }

    /** As {@link #logIn}, at once; a wrong one has taken a place. */
    private String tried(byte[] given) throws BusyException {
      // One after another: of many that come together, no more are tried than there are places.
      synchronized (failures) {
        if (!failures.tryAcquire()) {
          throw new BusyException();
        }
        String account = named(given);
        if (account != null) {
          failures.release();
        }
        return account;
      }
    }
  }

  /** {@code /ws/rest/v1/session}: GET with Basic auth opens a session, DELETE ends it. */
  final class SessionServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private final transient ObjectMapper mapper = new ObjectMapper();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (!hasSession(request) && account(request) != null) {
        request.getSession(true).setAttribute(ACCOUNT, account(request));
      }
      response.setHeader("Cache-Control", "no-store");
      response.setContentType("application/json;charset=UTF-8");
      mapper.writeValue(response.getOutputStream(), session(ofSession(request)));
    }

    /** Of that account; of nobody when it is null. */
    private ObjectNode session(String username) {
      ObjectNode session = mapper.createObjectNode();
      session.put("authenticated", username != null);
      if (username != null) {
        ObjectNode user = session.putObject("user");
        user.put(
            "uuid", UUID.nameUUIDFromBytes(username.getBytes(StandardCharsets.UTF_8)).toString());
        user.put("display", username);
        user.put("username", username);
      }
      return session;
    }

    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) {
      HttpSession session = request.getSession(false);
      if (session != null) {
        session.invalidate();
      }
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }
  }
}
