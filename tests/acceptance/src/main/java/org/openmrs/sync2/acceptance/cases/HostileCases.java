package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Accounts;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** What a stolen child sends, and slow lines: a nurse's save goes on within two seconds. */
public final class HostileCases {

  private static final String APPLY = "sync2/objects/apply";
  private static final Duration SAVED_WITHIN = Duration.ofSeconds(2);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(30);
  private static final int SLOW_LINES = 40;
  private static final int BYTES_OF_EACH = 20;

  private HostileCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("hostile-number", servers -> lines(servers, numbers())),
        new AcceptanceCase("hostile-key", servers -> lines(servers, keys())),
        new AcceptanceCase("hostile-slow-lines", HostileCases::slowLines));
  }

  /** Numbers that take for ever, or more memory than there is, to write out. */
  private static List<String> numbers() {
    return List.of("1e20000000", "1e1000000000", "1e2000", "-1E-999999999", "9".repeat(100_000));
  }

  /** Keys that stand for something else within the engine, and very deep documents. */
  private static List<String> keys() {
    return List.of(
        "{\"$serde_json::private::Number\": \"x\"}",
        "{\"$serde_json::private::RawValue\": \"1\"}",
        "[".repeat(50_000) + "]".repeat(50_000));
  }

  /** Each is refused, at both servers, and both go on answering and saving. */
  private static void lines(TwoServers servers, List<String> values) throws Exception {
    servers.pushing();
    Nurse nurse = new Nurse(servers);
    Login login = new Accounts(servers).superuser();
    OpenMrsServer account = new OpenMrsServer(servers.parent().base(), login);
    account.logIn();
    for (String value : values) {
      String uuid = Documents.uuid();
      Instant start = Instant.now();
      Answer answer = account.postLines(APPLY, line(uuid, value));
      Duration took = Duration.between(start, Instant.now());
      CaseFailure.unless(
          took.compareTo(ANSWERED_WITHIN) < 0, "the parent took " + took.toMillis() + " ms");
      mustBeRefused(answer, value);
      int there = servers.parent().getRest("obs/" + uuid).status();
      CaseFailure.unless(there == 404, "the parent has what was refused: " + there);
      nurse.mustSave();
    }
    nurse.note();
  }

  private static String line(String uuid, String value) {
    String document =
        "{\"uuid\": \"" + uuid + "\", \"value\": " + value + ", \"comment\": \"hostile\"}";
    return "{\"category\": \"observation\", \"uuid\": \""
        + uuid
        + "\", \"representation\": \"rest\", \"canonicalVersion\": 4, \"action\": \"CREATED\","
        + " \"document\": "
        + document
        + "}\n";
  }

  private static void mustBeRefused(Answer answer, String value) throws IOException {
    String shown = value.substring(0, Math.min(40, value.length()));
    if (!answer.ok()) {
      CaseFailure.unless(
          answer.status() / 100 == 4, shown + " is answered with " + answer.status());
      return;
    }
    JsonNode told = answer.json();
    CaseFailure.unless(
        told.path("status").asText().equals("failed"), shown + " is answered with " + told);
  }

  /** Requests that send a byte a second: to the exchange of both, with and without an account. */
  private static void slowLines(TwoServers servers) throws Exception {
    Nurse nurse = new Nurse(servers);
    ExecutorService slow = Executors.newFixedThreadPool(SLOW_LINES);
    try {
      List<Future<?>> requests = new ArrayList<>();
      for (int number = 0; number < SLOW_LINES; number++) {
        OpenMrsServer server = number % 2 == 0 ? servers.parent() : servers.child();
        requests.add(slow.submit(() -> drip(server)));
      }
      while (!requests.stream().allMatch(Future::isDone)) {
        nurse.mustSave();
      }
    } finally {
      slow.shutdownNow();
    }
    nurse.note();
    CaseFailure.unless(servers.module().status().has("version"), "the child has no status");
  }

  private static Void drip(OpenMrsServer server) throws Exception {
    URI base = URI.create(server.base());
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      String head =
          "POST "
              + base.getPath()
              + "/ws/rest/v1/"
              + APPLY
              + " HTTP/1.1\r\nHost: "
              + base.getHost()
              + "\r\nX-Sync2: 1\r\nContent-Type: application/vnd.openmrs.sync2.v1+ndjson\r\n"
              + "User-Agent: "
              + OpenMrsServer.USER_AGENT
              + "\r\nContent-Length: 100000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      for (int sent = 0; sent < BYTES_OF_EACH; sent++) {
        socket.getOutputStream().write('{');
        socket.getOutputStream().flush();
        Thread.sleep(1000);
      }
    } catch (IOException e) {
      // The server has closed the connection: so it should.
    }
    return null;
  }

  /** Somebody who saves an encounter at each of the servers, again and again. */
  private static final class Nurse {
    private final TwoServers servers;
    private final List<Duration> saves = new ArrayList<>();
    private final Map<OpenMrsServer, String> patients;

    Nurse(TwoServers servers) throws Exception {
      this.servers = servers;
      this.patients =
          Map.of(
              servers.parent(), new Editor(servers).patient(),
              servers.child(), new Editor(servers, servers.child()).patient());
    }

    void mustSave() throws Exception {
      for (Map.Entry<OpenMrsServer, String> patient : patients.entrySet()) {
        Instant start = Instant.now();
        patient.getKey().create("encounter", servers.documents().encounter(patient.getValue()));
        saves.add(Duration.between(start, Instant.now()));
      }
    }

    /** The machine may be busy with something else: one save in twenty may be late. */
    void note() {
      List<Duration> sorted = saves.stream().sorted().toList();
      Duration slow = sorted.get(sorted.size() * 95 / 100);
      servers.note(
          sorted.size()
              + " saves meanwhile, p95 "
              + slow.toMillis()
              + " ms, slowest "
              + sorted.get(sorted.size() - 1).toMillis()
              + " ms");
      CaseFailure.unless(
          slow.compareTo(SAVED_WITHIN) < 0, "a nurse waits for " + slow.toMillis() + " ms");
    }
  }
}
