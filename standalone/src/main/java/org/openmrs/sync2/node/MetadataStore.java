package org.openmrs.sync2.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import javax.sql.DataSource;
import org.openmrs.sync2.Change;
import org.openmrs.sync2.Change.Action;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Metadata that OpenMRS has in its REST API only, each a JSON document under its uuid. Everything
 * happens in the caller's transaction, the events included.
 */
final class MetadataStore {

  /** The fields that the server sets rather than the client: never stored, made anew on reading. */
  private static final List<String> SERVER_MADE =
      List.of("uuid", "display", "retired", "auditInfo", "links", "resourceVersion");

  private static final DateTimeFormatter OPENMRS_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ").withZone(ZoneOffset.UTC);

  private final JdbcTemplate jdbc;
  private final ChangeLog changes;
  private final ObjectMapper mapper = new ObjectMapper();

  MetadataStore(DataSource dataSource, ChangeLog changes) {
    this.jdbc = new JdbcTemplate(dataSource);
    this.changes = changes;
  }

  /**
   * One row as it is stored.
   *
   * @param createdAt milliseconds since 1970
   * @param changedAt milliseconds since 1970; null when it was never changed
   */
  record Metadata(
      String resource,
      String uuid,
      boolean retired,
      ObjectNode document,
      long createdAt,
      Long changedAt) {

    /**
     * The document as OpenMRS shows it with {@code v=full}.
     *
     * @param baseUrl the server's, such as {@code http://127.0.0.1:8080/openmrs}
     */
    ObjectNode full(String baseUrl) {
      ObjectNode full = document.objectNode();
      full.put("uuid", uuid);
      full.set("display", document.get("name"));
      full.setAll(document);
      full.put("retired", retired);
      full.set("auditInfo", auditInfo());
      ObjectNode link = full.putArray("links").addObject();
      link.put("rel", "self");
      link.put("uri", baseUrl + "/ws/rest/v1/" + resource + "/" + uuid);
      link.put("resourceAlias", resource);
      full.put("resourceVersion", "1.8");
      return full;
    }

    private ObjectNode auditInfo() {
      ObjectNode info = document.objectNode();
      info.putNull("creator");
      info.put("dateCreated", OPENMRS_TIME.format(Instant.ofEpochMilli(createdAt)));
      info.putNull("changedBy");
      info.put(
          "dateChanged",
          changedAt == null ? null : OPENMRS_TIME.format(Instant.ofEpochMilli(changedAt)));
      return info;
    }
  }

  /** Returns the metadata with the uuid, retired or not; null when there is none. */
  Metadata read(NodeCategory category, String uuid) {
    return first(category, "SELECT * FROM rest_object WHERE resource = ? AND uuid = ?", uuid);
  }

  /** The same, and its row stays locked until the transaction ends. */
  Metadata readLocked(NodeCategory category, String uuid) {
    return first(
        category, "SELECT * FROM rest_object WHERE resource = ? AND uuid = ? FOR UPDATE", uuid);
  }

  private Metadata first(NodeCategory category, String statement, String uuid) {
    List<Metadata> found = query(statement, category.restResource(), uuid);
    return found.isEmpty() ? null : found.get(0);
  }

  /** Returns the metadata that is not retired, in the order of creation. */
  List<Metadata> list(NodeCategory category, int start, int limit) {
    return query(
        "SELECT * FROM rest_object WHERE resource = ? AND NOT retired ORDER BY id LIMIT ? OFFSET ?",
        category.restResource(),
        limit,
        start);
  }

  private List<Metadata> query(String statement, Object... parameters) {
    return jdbc.query(
        statement,
        (row, number) ->
            new Metadata(
                row.getString("resource"),
                row.getString("uuid"),
                row.getBoolean("retired"),
                parse(row.getString("document")),
                row.getLong("created_at"),
                row.getObject("changed_at", Long.class)),
        parameters);
  }

  private ObjectNode parse(String document) {
    try {
      return (ObjectNode) mapper.readTree(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "A stored document is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Creates or replaces the document of a uuid, which is retired if it says so.
   *
   * @throws InvalidMetadataException when the document has no name
   */
  void save(NodeCategory category, String uuid, ObjectNode document) {
    boolean retired = document.path("retired").asBoolean(false);
    String stored = storable(document).toString();
    Metadata before = readLocked(category, uuid);
    if (before == null) {
      jdbc.update(
          "INSERT INTO rest_object (resource, uuid, retired, document, created_at) VALUES (?, ?, ?,"
              + " ?, ?)",
          category.restResource(),
          uuid,
          retired,
          stored,
          System.currentTimeMillis());
    } else {
      jdbc.update(
          "UPDATE rest_object SET document = ?, retired = ?, changed_at = ? WHERE resource = ?"
              + " AND uuid = ?",
          stored,
          retired,
          System.currentTimeMillis(),
          category.restResource(),
          uuid);
    }
    tell(category, uuid, action(before, retired));
  }

  private static Action action(Metadata before, boolean retired) {
    if (before == null) {
      return Action.CREATED;
    }
    if (before.retired == retired) {
      return Action.UPDATED;
    }
    return retired ? Action.RETIRED : Action.UNRETIRED;
  }

  /** Metadata belongs to no patient and no location. */
  private void tell(NodeCategory category, String uuid, Action action) {
    changes.add(category, Change.of(category.feedName(), uuid, action));
  }

  private static ObjectNode storable(ObjectNode document) {
    JsonNode name = document.get("name");
    if (name == null || !name.isTextual() || name.textValue().isBlank()) {
      throw new InvalidMetadataException("name: must not be empty");
    }
    return document.deepCopy().remove(SERVER_MADE);
  }

  /** Retires it. Does nothing when it is not here or retired already. */
  void retire(NodeCategory category, String uuid) {
    int retired =
        jdbc.update(
            "UPDATE rest_object SET retired = TRUE, changed_at = ?"
                + " WHERE resource = ? AND uuid = ? AND NOT retired",
            System.currentTimeMillis(),
            category.restResource(),
            uuid);
    if (retired > 0) {
      tell(category, uuid, Action.RETIRED);
    }
  }

  /** Deletes it for good. Does nothing when it is not here. */
  void purge(NodeCategory category, String uuid) {
    int deleted =
        jdbc.update(
            "DELETE FROM rest_object WHERE resource = ? AND uuid = ?",
            category.restResource(),
            uuid);
    if (deleted > 0) {
      tell(category, uuid, Action.DELETED);
    }
  }

  /** A document that OpenMRS's validators would refuse, in words for its author. */
  static final class InvalidMetadataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidMetadataException(String message) {
      super(message);
    }
  }
}
