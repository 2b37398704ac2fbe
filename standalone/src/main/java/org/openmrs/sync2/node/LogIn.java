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
import java.util.Base64;
import java.util.UUID;

/**
 * Who may use the APIs: the one user of the node file, by Basic auth or by a session, as in
 * OpenMRS.
 */
final class LogIn {

  private static final String AUTHENTICATED = LogIn.class.getName();
  private static final String SESSION_PATH = "/ws/rest/v1/session";
  private static final String FEED_PATH = "/ws/atomfeed/";

  /** The page's own requests have it: the browser would ask for a password itself, else. */
  private static final String PAGES_HEADER = "X-Sync2";

  private final String username;
  private final byte[] credentials;

  LogIn(String username, String password) {
    this.username = username;
    this.credentials = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
  }

  private boolean hasCredentials(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return false;
    }
    try {
      byte[] given = Base64.getDecoder().decode(header.substring(6).trim());
      return MessageDigest.isEqual(given, credentials);
    } catch (IllegalArgumentException e) {
      return false; // not base64
    }
  }

  /** Whether the request belongs to a session that has logged in. */
  static boolean hasSession(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    return session != null && session.getAttribute(AUTHENTICATED) != null;
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
      String path =
          request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
      boolean isPage = request.getServletPath().equals(PageServlet.PATH);
      boolean open = isPage || path.equals(SESSION_PATH) || path.startsWith(FEED_PATH);
      if (open || hasSession(request) || hasCredentials(request)) {
        chain.doFilter(request, response);
      } else {
        if (request.getHeader(PAGES_HEADER) == null) {
          response.setHeader("WWW-Authenticate", "Basic realm=\"OpenMRS\"");
        }
        response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
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
      if (!hasSession(request) && hasCredentials(request)) {
        request.getSession(true).setAttribute(AUTHENTICATED, Boolean.TRUE);
      }
      response.setHeader("Cache-Control", "no-store");
      response.setContentType("application/json;charset=UTF-8");
      mapper.writeValue(response.getOutputStream(), session(hasSession(request)));
    }

    private ObjectNode session(boolean authenticated) {
      ObjectNode session = mapper.createObjectNode();
      session.put("authenticated", authenticated);
      if (authenticated) {
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
