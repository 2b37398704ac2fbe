package org.openmrs.sync2.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /ws/atomfeed/{category}/recent} and {@code /ws/atomfeed/{category}/{number}}, with the
 * habits of OpenMRS's atomfeed module: the content type is {@code text/plain}, and every failure is
 * a 200 with the stack trace as JSON.
 */
final class FeedServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final Pattern PATH = Pattern.compile("/([a-z_]{1,64})/(recent|[1-9][0-9]{0,8})");

  private final transient EventFeed feed;
  private final transient ObjectMapper mapper = new ObjectMapper();

  FeedServlet(EventFeed feed) {
    this.feed = feed;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String page;
    try {
      if (!LogIn.hasSession(request)) {
        throw new SecurityException("Basic authentication required");
      }
      page = page(request);
    } catch (RuntimeException e) {
      response.setHeader("Cache-Control", "no-store");
      response.setContentType("application/json;charset=UTF-8");
      mapper.writeValue(response.getOutputStream(), e);
      return;
    }
    response.setContentType("text/plain;charset=ISO-8859-1");
    response.getOutputStream().write(page.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String page(HttpServletRequest request) {
    String path = request.getPathInfo();
    Matcher match = PATH.matcher(path == null ? "" : path);
    if (!match.matches()) {
      throw new IllegalArgumentException("There is no such feed.");
    }
    URI url = URI.create(request.getRequestURL().toString());
    String category = match.group(1);
    return match.group(2).equals("recent")
        ? feed.recentPage(url, category)
        : feed.numberedPage(url, category, Integer.parseInt(match.group(2)));
  }
}
