package org.openmrs.sync2.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.chaos.Fault.Target;

/** A line to a parent that says what it hears. */
class LineTest {

  private static final String WRITES = "/ws/rest/v1/sync2/objects/apply";

  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final List<Fault.Kind> happened = Collections.synchronizedList(new ArrayList<>());
  private HttpServer parent;
  private Line line;
  private Http child;

  @BeforeEach
  void open() throws IOException {
    parent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    parent.createContext("/", this::answer);
    parent.start();
    line = new Line(parent.getAddress().getPort(), happened::add);
    child = new Http(URI.create("http://127.0.0.1:" + line.port()), "user", "password");
  }

  @AfterEach
  void close() throws IOException {
    line.close();
    parent.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    heard.add(exchange.getRequestURI() + body);
    byte[] answer = "{\"heard\": true}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private int write(String value) {
    return child.put(WRITES + "?" + value, Http.MAPPER.createObjectNode()).status();
  }

  /** Not by a GET, which Java's client would repeat by itself. */
  private int read(String value) {
    return child.put("/" + value, Http.MAPPER.createObjectNode()).status();
  }

  private void arm(Fault.Kind kind) {
    line.arm(new Fault(kind, Target.ANY, 0, 1));
  }

  @Test
  void requestPassesWithItsBodyAndItsAnswer() throws IOException {
    Http.Answer answer = child.put("/x", Http.MAPPER.createObjectNode().put("a", 1));
    assertTrue(answer.required().get("heard").asBoolean());
    assertEquals(List.of("/x{\"a\":1}"), heard);
  }

  @Test
  void cutRequestDoesNotArriveAndTheNextOneDoes() {
    arm(Fault.Kind.CUT);
    assertEquals(0, write("first"));
    assertEquals(200, write("second"));
    assertEquals(1, heard.size());
    assertEquals(List.of(Fault.Kind.CUT), happened);
  }

  @Test
  void droppedAnswerDoesNotComeThoughTheRequestArrived() {
    arm(Fault.Kind.DROP_ANSWER);
    assertEquals(0, write("first"));
    assertEquals(1, heard.size());
  }

  @Test
  void halfAnAnswerIsNone() {
    arm(Fault.Kind.HALF_ANSWER);
    assertEquals(0, write("first"));
    assertEquals(1, heard.size());
  }

  @Test
  void lieIsToldBeforeOrAfterTheRequestArrives() {
    arm(Fault.Kind.LIE_502);
    assertEquals(502, write("first"));
    assertEquals(0, heard.size());
    arm(Fault.Kind.LIE_502_AFTER);
    assertEquals(502, write("second"));
    assertEquals(1, heard.size());
  }

  @Test
  void requestThatIsSentTwiceArrivesTwice() {
    arm(Fault.Kind.TWICE);
    assertEquals(200, write("first"));
    assertEquals(2, heard.size());
  }

  @Test
  void slowAnswerIsWhole() {
    arm(Fault.Kind.DELAY);
    assertEquals(200, write("first"));
    arm(Fault.Kind.THROTTLE);
    assertEquals(200, write("second"));
  }

  @Test
  void heldRequestArrivesAfterTheOnesThatFollowed() {
    arm(Fault.Kind.HOLD);
    assertEquals(0, write("first"));
    assertEquals(200, write("second"));
    assertEquals(1, line.release());
    assertEquals(List.of(WRITES + "?second{}", WRITES + "?first{}"), heard);
    assertEquals(0, line.release());
  }

  @Test
  void faultWaitsForTheRequestsItIsFor() {
    line.arm(new Fault(Fault.Kind.CUT, Target.READ, 1, 2));
    assertEquals(200, read("first"));
    assertEquals(200, write("first"));
    assertEquals(0, read("second"));
    assertEquals(0, read("third"));
    assertEquals(200, read("fourth"));
  }
}
