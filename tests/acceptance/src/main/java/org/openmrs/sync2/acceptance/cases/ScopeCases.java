package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.Accounts;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Json;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.Metadata;
import org.openmrs.sync2.acceptance.ParentScope;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** What an account of a child can do at the parent: by its privileges, and by its locations. */
public final class ScopeCases {

  private static final String READ = "sync2/objects/read";
  private static final String APPLY = "sync2/objects/apply";

  /** Answers that tell nothing of the object. */
  private static final Set<String> NOTHING_READ = Set.of("refused", "closed");

  /** As far back as a case can have written. */
  private static final int PAGES = 3;

  private static final Pattern PAGE_BEFORE =
      Pattern.compile("rel=\"prev-archive\"[^>]*href=\"([^\"]+)\"");

  private static final Set<Kind> PATIENT_DATA =
      EnumSet.of(Kind.PATIENT, Kind.PERSON, Kind.VISIT, Kind.ENCOUNTER, Kind.OBSERVATION);

  private ScopeCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("access-exchange-only", ScopeCases::exchangeOnly),
        new AcceptanceCase("access-get-patients-only", ScopeCases::getPatientsOnly),
        new AcceptanceCase("access-unnamed", ScopeCases::unnamed),
        new AcceptanceCase("scope-by-location", ScopeCases::byLocation));
  }

  /** With the privilege of the exchange alone nothing can be read, written or removed. */
  private static void exchangeOnly(TwoServers servers) throws Exception {
    servers.pushing();
    Intruder intruder = Intruder.with(servers, new Accounts(servers).with(Accounts.EXCHANGE));
    for (Map.Entry<Kind, String> object : oneOfEach(servers).entrySet()) {
      intruder.mustReadNothing(object.getKey(), object.getValue());
      intruder.mustChangeNothing(object.getKey(), object.getValue());
    }
  }

  /** With <em>Get Patients</em> patients can be read, and nothing else; nothing can be changed. */
  private static void getPatientsOnly(TwoServers servers) throws Exception {
    servers.pushing();
    Login login = new Accounts(servers).with(Accounts.EXCHANGE, "Get Patients");
    Intruder intruder = Intruder.with(servers, login);
    for (Map.Entry<Kind, String> object : oneOfEach(servers).entrySet()) {
      if (object.getKey() == Kind.PATIENT) {
        String state = intruder.read(object.getKey(), object.getValue()).path("state").asText();
        CaseFailure.unless(state.equals("present"), "a patient is " + state);
      } else {
        intruder.mustReadNothing(object.getKey(), object.getValue());
      }
      intruder.mustChangeNothing(object.getKey(), object.getValue());
    }
  }

  /** An account with every privilege that {@code exchange.children} does not name. */
  private static void unnamed(TwoServers servers) throws Exception {
    servers.pushing();
    Login login = new Accounts(servers).unnamedSuperuser();
    Intruder intruder = Intruder.with(servers, login);
    for (Map.Entry<Kind, String> object : oneOfEach(servers).entrySet()) {
      intruder.mustReadNothing(object.getKey(), object.getValue());
      intruder.mustChangeNothing(object.getKey(), object.getValue());
    }
  }

  private static Map<Kind, String> oneOfEach(TwoServers servers) throws Exception {
    Map<Kind, String> objects = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      objects.put(kind, new Editor(servers).create(kind));
    }
    return objects;
  }

  /** What belongs to another location is neither read, nor written, nor told of. */
  private static void byLocation(TwoServers servers) throws Exception {
    servers.pushing();
    Login login = new Accounts(servers).superuser();
    Map<Kind, String> inside = atOneLocation(servers, servers.metadata().location());
    Map<Kind, String> outside = atOneLocation(servers, Metadata.UNKNOWN_LOCATION);
    Intruder account = Intruder.with(servers, login);
    Map<String, ?> limits = Map.of("locations", List.of(servers.metadata().location()));
    ParentScope.limit(
        servers,
        login.username(),
        limits,
        () -> {
          for (Map.Entry<Kind, String> object : inside.entrySet()) {
            JsonNode read = account.read(object.getKey(), object.getValue());
            CaseFailure.unless(
                read.path("state").asText().equals("present"),
                object.getKey() + " of the location is not read: " + read);
          }
          for (Map.Entry<Kind, String> object : outside.entrySet()) {
            account.mustReadNothing(object.getKey(), object.getValue());
            account.mustChangeNothing(object.getKey(), object.getValue());
          }
          account.feedTells(inside.values(), outside.values());
        });
  }

  /** A patient of a location with a visit, an encounter and an observation there. */
  private static Map<Kind, String> atOneLocation(TwoServers servers, String location)
      throws IOException {
    OpenMrsServer parent = servers.parent();
    Documents documents = servers.documents();
    Map<String, Object> identifier = documents.newIdentifier();
    identifier.put("location", location);
    String patient = parent.create("patient", documents.patient(documents.person(), identifier));
    Map<String, Object> visit = documents.visit(patient);
    visit.put("location", location);
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("location", location);
    String encounterUuid = parent.create("encounter", encounter);
    Map<String, Object> observation =
        documents.observation(patient, servers.metadata().numeric(), 61.5);
    observation.put("location", location);
    observation.put("encounter", encounterUuid);
    Map<Kind, String> objects = new EnumMap<>(Kind.class);
    objects.put(Kind.PATIENT, patient);
    // The same uuid: whoever may not read the patient must not read the person.
    objects.put(Kind.PERSON, patient);
    objects.put(Kind.VISIT, parent.create("visit", visit));
    objects.put(Kind.ENCOUNTER, encounterUuid);
    objects.put(Kind.OBSERVATION, parent.create("obs", observation));
    return objects;
  }

  /** Somebody with an account at the parent who tries what it may not do. */
  private static final class Intruder {
    private final TwoServers servers;
    private final OpenMrsServer account;

    private Intruder(TwoServers servers, OpenMrsServer account) {
      this.servers = servers;
      this.account = account;
    }

    static Intruder with(TwoServers servers, Login login) throws IOException {
      OpenMrsServer account = new OpenMrsServer(servers.parent().base(), login);
      account.logIn();
      return new Intruder(servers, account);
    }

    JsonNode read(Kind kind, String uuid) throws IOException {
      Map<String, String> line =
          Map.of("category", kind.category(), "uuid", uuid, "representation", "rest");
      Answer answer = account.postLines(READ, Json.write(line) + "\n");
      CaseFailure.unless(answer.ok(), READ + " is answered with " + answer.status());
      return answer.json();
    }

    /** What OpenMRS lets every account read (its role Authenticated) is read here, too. */
    void mustReadNothing(Kind kind, String uuid) throws IOException {
      JsonNode read = read(kind, uuid);
      if (!PATIENT_DATA.contains(kind)
          && account.getRest(kind.resource() + "/" + uuid).ok()
          && read.path("state").asText().equals("present")) {
        servers.note("OpenMRS lets every account read: " + kind);
        return;
      }
      CaseFailure.unless(
          NOTHING_READ.contains(read.path("state").asText()) && !read.has("document"),
          kind + " " + uuid + " is read: " + read);
    }

    /** Neither a removal nor a new object of the kind has an effect, or tells what is there. */
    void mustChangeNothing(Kind kind, String uuid) throws IOException {
      JsonNode before = whole(kind, uuid);
      mustFail(apply(kind, uuid, "VOIDED", Map.of()), kind, uuid);
      mustFail(apply(kind, uuid, "DELETED", Map.of()), kind, uuid);
      mustFail(apply(kind, uuid, "UPDATED", Map.of("uuid", uuid, "name", "Taken")), kind, uuid);
      String fresh = Documents.uuid();
      mustFail(apply(kind, fresh, "CREATED", Map.of("uuid", fresh, "name", "New")), kind, fresh);
      CaseFailure.unless(
          whole(kind, uuid).equals(before), kind + " " + uuid + " is another one now");
      int status = servers.parent().getRest(kind.resource() + "/" + fresh).status();
      CaseFailure.unless(status == 404, kind + " " + fresh + " was made: " + status);
    }

    private JsonNode whole(Kind kind, String uuid) throws IOException {
      return servers.parent().read(kind.resource() + "/" + uuid + "?v=full");
    }

    private JsonNode apply(Kind kind, String uuid, String action, Map<String, ?> document)
        throws IOException {
      Map<String, Object> line =
          Documents.document(
              Map.entry("category", kind.category()),
              Map.entry("uuid", uuid),
              Map.entry("representation", "rest"),
              Map.entry("canonicalVersion", 4),
              Map.entry("action", action));
      if (!document.isEmpty()) {
        line.put("document", document);
      }
      Answer answer = account.postLines(APPLY, Json.write(line) + "\n");
      CaseFailure.unless(answer.ok(), APPLY + " is answered with " + answer.status());
      return answer.json();
    }

    private static void mustFail(JsonNode applied, Kind kind, String uuid) {
      boolean told = applied.has("hash") || applied.has("theirs") || applied.has("takesAlong");
      CaseFailure.unless(
          applied.path("status").asText().equals("failed") && !told,
          kind + " " + uuid + " is answered with " + applied);
    }

    /** The newest pages of the feed name all of these, and none of those. */
    void feedTells(Iterable<String> inside, Iterable<String> outside) throws IOException {
      StringBuilder told = new StringBuilder();
      String path = "/ws/rest/v1/sync2/feed/recent";
      for (int page = 0; page < PAGES && !path.isEmpty(); page++) {
        Answer answer = account.get(path);
        CaseFailure.unless(answer.ok(), path + " answers " + answer.status());
        told.append(answer.text());
        path = older(answer.text());
      }
      for (String uuid : inside) {
        CaseFailure.unless(told.indexOf(uuid) >= 0, "the feed does not tell of " + uuid);
      }
      for (String uuid : outside) {
        CaseFailure.unless(told.indexOf(uuid) < 0, "the feed tells of " + uuid);
      }
    }

    /** The address of the page before; empty at the first one. */
    private static String older(String page) {
      Matcher link = PAGE_BEFORE.matcher(page);
      if (!link.find()) {
        return "";
      }
      String address = link.group(1);
      return address.substring(address.indexOf("/ws/rest/"));
    }
  }
}
