package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Accounts;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Json;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.Metadata;
import org.openmrs.sync2.acceptance.ParentScope;
import org.openmrs.sync2.acceptance.SyncConfiguration;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** What a child's account may do at the parent. */
public final class AccessCases {

  private static final List<String> FEEDS = List.of("feed/recent", "feed/patient/recent");
  private static final List<String> EXCHANGE = List.of("objects/read", "objects/apply");

  private AccessCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("feed-access", AccessCases::feedAccess),
        new AcceptanceCase("exchange-access", AccessCases::exchangeAccess),
        new AcceptanceCase("exchange-scope", AccessCases::exchangeScope),
        new AcceptanceCase("push-scope-locations", AccessCases::pushScopeLocations),
        new AcceptanceCase("push-scope-categories", AccessCases::pushScopeCategories),
        new AcceptanceCase("push-without-exchange", AccessCases::pushWithoutExchange));
  }

  private static void feedAccess(TwoServers servers) throws Exception {
    servers.pushing();
    new Editor(servers).patient();
    Accounts accounts = new Accounts(servers);
    OpenMrsServer other = loggedIn(servers, accounts.with(Accounts.EXCHANGE));
    OpenMrsServer reader = loggedIn(servers, accounts.with(Accounts.GET_FEED));
    for (String path : FEEDS) {
      String address = "/ws/rest/v1/sync2/" + path;
      mustAnswer(401, path, servers.parent().getAnonymously(address));
      mustAnswer(403, path, other.get(address));
      mustAnswer(200, path, reader.get(address));
    }
  }

  private static void exchangeAccess(TwoServers servers) throws Exception {
    servers.pushing();
    Accounts accounts = new Accounts(servers);
    OpenMrsServer other = loggedIn(servers, accounts.with(Accounts.GET_FEED));
    OpenMrsServer child = loggedIn(servers, accounts.with(Accounts.EXCHANGE));
    for (String path : EXCHANGE) {
      mustAnswer(401, path, servers.parent().postLinesAnonymously("sync2/" + path, ""));
      mustAnswer(403, path, other.postLines("sync2/" + path, ""));
      mustAnswer(200, path, child.postLines("sync2/" + path, ""));
    }
  }

  private static OpenMrsServer loggedIn(TwoServers servers, Login login) throws Exception {
    OpenMrsServer server = new OpenMrsServer(servers.parent().base(), login);
    server.logIn();
    return server;
  }

  private static void mustAnswer(int status, String path, Answer answer) {
    CaseFailure.unless(
        answer.status() == status,
        "sync2/" + path + " answers " + answer.status() + " instead of " + status);
  }

  /** The account reads what is within its locations and categories, and is refused the rest. */
  private static void exchangeScope(TwoServers servers) throws Exception {
    servers.pushing();
    Editor editor = new Editor(servers);
    String patient = editor.patient();
    String inside = editor.encounter(patient);
    String outside = encounterElsewhere(editor, patient);
    String visit = servers.parent().create("visit", servers.documents().visit(patient));
    Login login = new Accounts(servers).superuser();
    Map<String, ?> limits =
        Map.of(
            "locations",
            List.of(servers.metadata().location()),
            "categories",
            List.of("patient", "encounter"));
    OpenMrsServer account = loggedIn(servers, login);
    ParentScope.limit(
        servers,
        login.username(),
        limits,
        () -> {
          mustRead("present", account, Kind.ENCOUNTER, inside);
          mustRead("refused", account, Kind.ENCOUNTER, outside);
          mustRead("closed", account, Kind.VISIT, visit);
        });
  }

  private static void mustRead(String state, OpenMrsServer account, Kind kind, String uuid)
      throws Exception {
    Map<String, String> line =
        Map.of("category", kind.category(), "uuid", uuid, "representation", "rest");
    Answer answer = account.postLines("sync2/objects/read", Json.write(line) + "\n");
    mustAnswer(200, "objects/read", answer);
    String found = answer.json().path("state").asText();
    CaseFailure.unless(
        found.equals(state), kind + " " + uuid + " is " + found + " instead of " + state);
  }

  /** An encounter at a location that every OpenMRS has. */
  private static String encounterElsewhere(Editor editor, String patient) throws Exception {
    Map<String, Object> encounter = editor.documents().encounter(patient);
    encounter.put("location", Metadata.UNKNOWN_LOCATION);
    return editor.server().create("encounter", encounter);
  }

  private static void pushScopeLocations(TwoServers servers) throws Exception {
    List<String> locations = List.of(servers.metadata().location());
    refusedOutside(
        servers, Map.of("locations", locations), Kind.ENCOUNTER, AccessCases::encounterElsewhere);
  }

  private static void pushScopeCategories(TwoServers servers) throws Exception {
    refusedOutside(
        servers,
        Map.of("categories", List.of("patient", "encounter")),
        Kind.VISIT,
        (editor, patient) -> editor.server().create("visit", editor.documents().visit(patient)));
  }

  /** Makes an object of a patient. */
  @FunctionalInterface
  private interface Maker {
    String make(Editor editor, String patient) throws Exception;
  }

  /**
   * What is within the limits arrives, what is not is parked as the parent refuses it, and follows
   * when the account may more.
   */
  private static void refusedOutside(
      TwoServers servers, Map<String, ?> limits, Kind kind, Maker outside) throws Exception {
    Way way = servers.pushing();
    servers.push();
    Login login = new Accounts(servers).superuser();
    Editor editor = way.editor();
    String patient = editor.patient();
    String inside = editor.encounter(patient);
    String refused = outside.make(editor, patient);
    servers.configure(as(servers, login));
    ParentScope.limit(servers, login.username(), limits, servers::push);
    Checks checks = way.checks();
    checks.same(Kind.PATIENT, patient);
    checks.same(Kind.ENCOUNTER, inside);
    JsonNode parked = checks.parked(refused, "Forbidden");
    checks.absent(kind, refused);
    servers.module().retry(List.of(parked.path("auditUuid").asText()));
    servers.push();
    checks.notParked(refused);
    checks.same(kind, refused);
  }

  /** The child with another account at the parent. */
  private static SyncConfiguration as(TwoServers servers, Login login) {
    return servers
        .standard()
        .with("parent", "username", login.username())
        .with("parent", "password", login.password());
  }

  /**
   * Without the privilege objects are sent one by one over REST, or the audit says why not; with it
   * what was refused goes up.
   */
  private static void pushWithoutExchange(TwoServers servers) throws Exception {
    Way way = servers.pushing();
    servers.push();
    Login login = new Accounts(servers).withAllBut(Accounts.EXCHANGE);
    servers.configure(as(servers, login));
    String location = way.editor().create(Kind.LOCATION);
    String patient = way.editor().patient();
    servers.push();
    JsonNode exchange = servers.module().status().path("pushExchange");
    CaseFailure.unless(
        exchange.isBoolean() && !exchange.asBoolean(),
        "the status says that the push uses the exchange: " + exchange);
    boolean sentLocation = sentPlainly(servers, way, Kind.LOCATION, location);
    boolean sentPatient = sentPlainly(servers, way, Kind.PATIENT, patient);
    servers.configure(servers.standard());
    servers.push();
    follows(way, Kind.LOCATION, location, sentLocation);
    follows(way, Kind.PATIENT, patient, sentPatient);
  }

  /** Whether an object arrived without the exchange. If not, it is parked with words. */
  private static boolean sentPlainly(TwoServers servers, Way way, Kind kind, String uuid)
      throws Exception {
    Checks checks = way.checks();
    JsonNode audit = checks.newestAudit(uuid);
    String status = audit.path("status").asText();
    CaseFailure.unless(
        !audit.path("client").asText().equals("exchange"), "it is sent by the exchange: " + audit);
    if (!status.equals("PARKED")) {
      servers.note("without the privilege: " + kind + " " + status);
      checks.present(kind, uuid);
      return true;
    }
    String message = audit.path("error").path("message").asText();
    CaseFailure.unless(!message.isBlank(), "the audit does not say why: " + audit);
    servers.note("without the privilege: " + kind + " is refused: " + message);
    servers.module().retry(List.of(audit.path("uuid").asText()));
    return false;
  }

  /** What REST has carried is there; what was refused has now come whole. */
  private static void follows(Way way, Kind kind, String uuid, boolean sentPlainly)
      throws Exception {
    way.checks().notParked(uuid);
    if (sentPlainly) {
      way.checks().present(kind, uuid);
    } else {
      way.checks().same(kind, uuid);
    }
  }
}
