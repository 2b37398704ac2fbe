package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A parent whose feed has one event: a patient was created. */
final class OnePatientParent implements AutoCloseable {

  static final String UUID = "64a14f85-cab9-4bba-9d4c-de5ee180b862";

  private static final String PATIENT =
      "{\"resourceType\": \"Patient\", \"id\": \"" + UUID + "\", \"gender\": \"female\"}";

  private final HttpServer server;

  OnePatientParent() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/openmrs/ws/rest/v1/session", "application/json", "{\"authenticated\": true}");
    answer("/openmrs/ws/atomfeed/patient", "application/atom+xml", feed());
    answer("/openmrs/ws/fhir2/R4/Patient", "application/fhir+json", bundle());
    answer("/openmrs/ws/fhir2/R4/Patient/" + UUID, "application/fhir+json", PATIENT);
    server.start();
  }

  /** Its address. */
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/openmrs";
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(String path, String contentType, String body) {
    server.createContext(path, exchange -> send(exchange, contentType, body.getBytes(UTF_8)));
  }

  private static void send(HttpExchange exchange, String contentType, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().add("Content-Type", contentType);
    exchange.getResponseHeaders().add("Set-Cookie", "JSESSIONID=1; Path=/openmrs");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String bundle() {
    return "{\"resourceType\": \"Bundle\", \"type\": \"searchset\", \"entry\": [{\"resource\": "
        + PATIENT
        + "}]}";
  }

  private String feed() {
    String page = url() + "/ws/atomfeed/patient/";
    return "<feed xmlns='http://www.w3.org/2005/Atom'><title>Patients</title>"
        + ("<link rel='self' href='" + page + "recent'/><link rel='via' href='" + page + "1'/>")
        + "<id>a2ad93fd-8a7f-405f-bbc1-da4535e6d05c+1</id><updated>2026-01-01T00:00:00Z</updated>"
        + "<entry><title>Patient</title><category term='CREATED'/><category term='patient'/>"
        + "<id>tag:atomfeed.ict4h.org:1</id><updated>2026-01-01T00:00:00Z</updated>"
        + "<content type='application/vnd.atomfeed+xml'>"
        + ("{\"rest\":\"/ws/rest/v1/patient/" + UUID + "?v=full\",")
        + ("\"fhir\":\"/ws/fhir/Patient/" + UUID + "\"}</content></entry></feed>");
  }
}
