package org.openmrs.sync2.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.openmrs.sync2.SyncApi;
import org.openmrs.sync2.TooSlowException;
import org.openmrs.sync2.node.MetadataStore.InvalidMetadataException;
import org.openmrs.sync2.node.MetadataStore.Metadata;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code /ws/rest/v1/{resource}[/{uuid}]} for metadata, as OpenMRS's REST module serves it; every
 * answer is the full representation.
 */
final class MetadataServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private static final Pattern PATH =
      Pattern.compile("/([a-z]{1,64})(?:/([A-Za-z0-9._-]{1,64}))?/?");
  private static final int DEFAULT_LIMIT = 50;
  private static final int LARGEST_LIMIT = 1000;

  private final transient MetadataStore store;
  private final transient TransactionTemplate transactions;
  private final String baseUrl;
  private final transient ObjectMapper mapper = new ObjectMapper();

  MetadataServlet(MetadataStore store, DataSource dataSource, String baseUrl) {
    this.store = store;
    this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    this.baseUrl = baseUrl;
  }

  /** The subject of the request; the uuid is null for all of a kind. */
  private record Target(NodeCategory category, String uuid) {}

  /** An answer other than 200, with words for the client. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refusal(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      Target target = target(request);
      switch (request.getMethod()) {
        case "GET" -> get(target, request, response);
        case "POST" -> post(target, request, response);
        case "DELETE" -> delete(target, request, response);
        default ->
            throw new Refusal(HttpServletResponse.SC_METHOD_NOT_ALLOWED, "Method not allowed");
      }
    } catch (Refusal e) {
      error(response, e.status, e.getMessage());
    } catch (TooSlowException e) {
      error(response, HttpServletResponse.SC_REQUEST_TIMEOUT, e.getMessage());
    } catch (InvalidMetadataException e) {
      error(response, HttpServletResponse.SC_BAD_REQUEST, "Invalid Submission: " + e.getMessage());
    }
  }

  private static Target target(HttpServletRequest request) {
    Matcher match = PATH.matcher(request.getPathInfo() == null ? "" : request.getPathInfo());
    NodeCategory category = match.matches() ? NodeCategory.ofMetadata(match.group(1)) : null;
    if (category == null) {
      throw new Refusal(HttpServletResponse.SC_NOT_FOUND, "Unknown resource");
    }
    return new Target(category, match.group(2));
  }

  private void get(Target target, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (target.uuid == null) {
      write(response, HttpServletResponse.SC_OK, list(target.category, request));
    } else {
      write(response, HttpServletResponse.SC_OK, existing(target).full(baseUrl));
    }
  }

  private Metadata existing(Target target) {
    Metadata found = store.read(target.category, target.uuid);
    if (found == null) {
      throw new Refusal(HttpServletResponse.SC_NOT_FOUND, "Object with given uuid doesn't exist");
    }
    return found;
  }

  private ObjectNode list(NodeCategory category, HttpServletRequest request) {
    int start = whole(request, "startIndex", 0, Integer.MAX_VALUE - LARGEST_LIMIT);
    int limit = Math.max(1, whole(request, "limit", DEFAULT_LIMIT, LARGEST_LIMIT));
    List<Metadata> found = store.list(category, start, limit + 1);
    ObjectNode answer = mapper.createObjectNode();
    ArrayNode results = answer.putArray("results");
    found.stream().limit(limit).forEach(one -> results.add(one.full(baseUrl)));
    if (found.size() > limit) {
      ObjectNode next = answer.putArray("links").addObject();
      next.put("rel", "next");
      next.put(
          "uri",
          request.getRequestURL() + "?v=full&limit=" + limit + "&startIndex=" + (start + limit));
    }
    return answer;
  }

  private static int whole(HttpServletRequest request, String name, int absent, int most) {
    String value = request.getParameter(name);
    if (value == null) {
      return absent;
    }
    if (!value.matches("[0-9]{1,9}")) {
      throw new Refusal(HttpServletResponse.SC_BAD_REQUEST, name + " must be a whole number");
    }
    return Math.min(Integer.parseInt(value), most);
  }

  private void post(Target target, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ObjectNode document = body(request);
    if (target.uuid == null) {
      String uuid = document.path("uuid").asText(UUID.randomUUID().toString());
      write(
          response,
          HttpServletResponse.SC_CREATED,
          create(new Target(target.category, uuid), document));
    } else {
      write(response, HttpServletResponse.SC_OK, change(target, document));
    }
  }

  private ObjectNode body(HttpServletRequest request) throws IOException {
    String type = request.getContentType();
    if (type == null || !type.startsWith("application/json")) {
      throw new Refusal(
          HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE, "The body must be application/json");
    }
    byte[] sent = SyncApi.body(request.getInputStream());
    if (sent.length == SyncApi.MOST_BYTES_READ) {
      throw new Refusal(
          HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE, "The body is larger than 1 MiB");
    }
    try {
      JsonNode body = mapper.readTree(sent);
      if (body instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new Refusal(
          HttpServletResponse.SC_BAD_REQUEST, "The body is not JSON: " + e.getOriginalMessage());
    }
    throw new Refusal(HttpServletResponse.SC_BAD_REQUEST, "The body is not a JSON object");
  }

  private ObjectNode create(Target target, ObjectNode document) {
    return transactions.execute(
        status -> {
          if (store.read(target.category, target.uuid) != null) {
            throw new Refusal(
                HttpServletResponse.SC_INTERNAL_SERVER_ERROR,
                "could not execute statement: duplicate uuid");
          }
          store.save(target.category, target.uuid, document);
          return existing(target).full(baseUrl);
        });
  }

  /** Fields that the body does not name stay as they are. */
  private ObjectNode change(Target target, ObjectNode changes) {
    return transactions.execute(
        status -> {
          Metadata before = store.readLocked(target.category, target.uuid);
          if (before == null) {
            throw new Refusal(
                HttpServletResponse.SC_NOT_FOUND, "Object with given uuid doesn't exist");
          }
          ObjectNode after = before.document().deepCopy();
          after.put("retired", before.retired());
          after.setAll(changes);
          store.save(target.category, target.uuid, after);
          return existing(target).full(baseUrl);
        });
  }

  private void delete(Target target, HttpServletRequest request, HttpServletResponse response) {
    if (target.uuid == null) {
      throw new Refusal(HttpServletResponse.SC_METHOD_NOT_ALLOWED, "Method not allowed");
    }
    boolean purge = Boolean.parseBoolean(request.getParameter("purge"));
    transactions.executeWithoutResult(
        status -> {
          existing(target);
          if (purge) {
            store.purge(target.category, target.uuid);
          } else {
            store.retire(target.category, target.uuid);
          }
        });
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  private void error(HttpServletResponse response, int status, String message) throws IOException {
    ObjectNode answer = mapper.createObjectNode();
    answer.putObject("error").put("message", "[" + message + "]").put("code", "").put("detail", "");
    write(response, status, answer);
  }

  private void write(HttpServletResponse response, int status, ObjectNode answer)
      throws IOException {
    response.setStatus(status);
    response.setContentType("application/json;charset=UTF-8");
    mapper.writeValue(response.getOutputStream(), answer);
  }
}
