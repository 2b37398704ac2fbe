package org.openmrs.sync2.acceptance.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.openmrs.sync2.acceptance.Json;

/** An answer of a server. */
public record Answer(int status, byte[] body) {

  private static final int SHOWN = 300;

  /** Whether the status is 2xx. */
  public boolean ok() {
    return status / 100 == 2;
  }

  /** The body as JSON; a missing node when it is empty. */
  public JsonNode json() throws IOException {
    return Json.read(body);
  }

  /** The body, decoded as UTF-8 whatever its header says. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The beginning of the body, for messages. */
  String excerpt() {
    String text = text().replaceAll("\\s+", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
