package org.openmrs.module.sync2.kind;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Time;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The fields of an object in a REST document. Every field of a view is in the document, perhaps as
 * null; one that is not there was withheld from the account that read it, and is never taken for
 * empty: reading it throws {@link SyncRejectedException}.
 */
final class JsonFields {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** As the REST module writes instants, such as {@code 2026-11-20T12:30:00.000+0300}. */
  private static final DateTimeFormatter INSTANT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][XX]")
          .toFormatter();

  private static final int DATE_LENGTH = "yyyy-MM-dd".length();
  private static final int TIME_START = "yyyy-MM-ddT".length();
  private static final int TIME_END = "yyyy-MM-ddTHH:mm:ss".length();

  private final JsonNode object;

  private JsonFields(JsonNode object) {
    this.object = object;
  }

  /**
   * Reads a document.
   *
   * @throws SyncRejectedException when it is not a JSON object
   */
  static JsonFields parse(byte[] document) {
    try {
      return new JsonFields(object(JSON.readTree(document)));
    } catch (IOException e) {
      throw new SyncRejectedException("the document is not JSON");
    }
  }

  /** Returns true if the parent let us see the field. */
  boolean has(String name) {
    return object.has(name);
  }

  /** Null when the field is null. */
  JsonNode value(String name) {
    JsonNode value = object.get(name);
    if (value == null) {
      throw new SyncRejectedException(
          "the parent's document has no field "
              + name
              + ": give the parent's sync account the privileges to read it");
    }
    return value.isNull() ? null : value;
  }

  String text(String name) {
    return read(name, JsonNode::asText);
  }

  /** A missing field is false, as in OpenMRS's own tables. */
  boolean isTrue(String name) {
    JsonNode value = value(name);
    return value != null && value.asBoolean();
  }

  Boolean bool(String name) {
    return read(name, JsonNode::asBoolean);
  }

  Double number(String name) {
    return read(name, JsonNode::asDouble);
  }

  Integer whole(String name) {
    return read(name, JsonNode::asInt);
  }

  <E extends Enum<E>> E constant(String name, Class<E> type) {
    return parsed(name, text -> Enum.valueOf(type, text));
  }

  Date instant(String name) {
    return parsed(name, text -> Date.from(OffsetDateTime.parse(text, INSTANT).toInstant()));
  }

  /** The day and the time of day as the parent wrote them, whatever its zone. */
  Date wallClock(String name) {
    return parsed(
        name,
        text ->
            Date.from(
                OffsetDateTime.parse(text, INSTANT)
                    .toLocalDateTime()
                    .atZone(ZoneId.systemDefault())
                    .toInstant()));
  }

  /** The date as the parent wrote it, whatever its zone: midnight of that day here. */
  Date localDate(String name) {
    return parsed(name, JsonFields::midnight);
  }

  private static Date midnight(String text) {
    LocalDate date = LocalDate.parse(text.substring(0, DATE_LENGTH));
    return Date.from(date.atStartOfDay(ZoneId.systemDefault()).toInstant());
  }

  /** The time of day as the parent wrote it, whatever its zone. */
  Time localTime(String name) {
    return parsed(
        name, text -> Time.valueOf(LocalTime.parse(text.substring(TIME_START, TIME_END))));
  }

  /** The uuid of the object that the field refers to. */
  String reference(String name) {
    JsonFields referred = object(name);
    return referred == null ? null : referred.text("uuid");
  }

  JsonFields object(String name) {
    return read(name, value -> new JsonFields(object(value)));
  }

  /** The objects of a list; none when it is null. */
  List<JsonFields> list(String name) {
    List<JsonFields> items = new ArrayList<>();
    JsonNode value = value(name);
    if (value != null) {
      value.forEach(item -> items.add(new JsonFields(object(item))));
    }
    return items;
  }

  /** The objects of a list by their uuids, in the order of the list. */
  Map<String, JsonFields> parts(String name) {
    return byUuid(list(name));
  }

  /** The objects by their uuids. */
  static Map<String, JsonFields> byUuid(List<JsonFields> items) {
    Map<String, JsonFields> parts = new LinkedHashMap<>();
    items.forEach(item -> parts.put(item.text("uuid"), item));
    return parts;
  }

  private <V> V read(String name, Function<JsonNode, V> reader) {
    JsonNode value = value(name);
    return value == null ? null : reader.apply(value);
  }

  private <V> V parsed(String name, Function<String, V> parser) {
    try {
      return read(name, value -> parser.apply(value.asText()));
    } catch (DateTimeException | IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw new SyncRejectedException("the field " + name + " of the document cannot be read");
    }
  }

  private static JsonNode object(JsonNode value) {
    if (value == null || !value.isObject()) {
      throw new SyncRejectedException("the document has something else where an object belongs");
    }
    return value;
  }
}
