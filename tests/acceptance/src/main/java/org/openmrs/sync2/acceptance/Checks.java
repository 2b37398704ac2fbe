package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.openmrs.sync2.acceptance.compare.Databases;
import org.openmrs.sync2.acceptance.compare.DocumentComparison;
import org.openmrs.sync2.acceptance.compare.RowDifference;
import org.openmrs.sync2.acceptance.server.Answer;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/**
 * What must be seen where objects have travelled to: on the child after a pull, on the parent after
 * a push. Each check throws {@link CaseFailure}.
 */
public final class Checks {

  private static final int SHOWN = 6;
  private static final int DOCUMENTS_LOOKED_AT = 20;

  private final TwoServers servers;
  private final Direction direction;

  private Checks(TwoServers servers, Direction direction) {
    this.servers = servers;
    this.direction = direction;
  }

  /** On the child, of what it has pulled. */
  public static Checks of(TwoServers servers) {
    return new Checks(servers, Direction.PULL);
  }

  /** On the parent, of what the child has pushed. */
  public static Checks atParent(TwoServers servers) {
    return new Checks(servers, Direction.PUSH);
  }

  private OpenMrsServer there() {
    return direction == Direction.PULL ? servers.child() : servers.parent();
  }

  /** The server, for messages. */
  private String place() {
    return direction == Direction.PULL ? "the child" : "the parent";
  }

  /** An object is on the child as on the parent. */
  public void same(Kind kind, String uuid) throws Exception {
    same(kind, List.of(uuid));
  }

  /**
   * Objects are on the child as on the parent: in REST, in FHIR and, when given, in the databases.
   * Of many objects all rows and some documents are compared. What travels as FHIR must be the same
   * in FHIR; which columns FHIR does not carry is noted.
   */
  public void same(Kind kind, Collection<String> uuids) throws Exception {
    List<String> looked = uuids.stream().limit(DOCUMENTS_LOOKED_AT).toList();
    for (String uuid : looked) {
      there(kind, uuid);
      sameFhir(kind, uuid);
    }
    if (servers.travelsAsFhir(kind)) {
      noteWhatFhirDoesNotCarry(kind, uuids);
      return;
    }
    for (String uuid : looked) {
      sameDocument(kind, uuid);
    }
    sameRows(kind, uuids);
  }

  private void noteWhatFhirDoesNotCarry(Kind kind, Collection<String> uuids) throws Exception {
    if (servers.databases().isPresent()) {
      Set<String> columns = new TreeSet<>();
      servers
          .databases()
          .get()
          .differences(kind, uuids)
          .forEach(difference -> columns.add(difference.table() + "." + difference.column()));
      if (!columns.isEmpty()) {
        servers.note("FHIR does not carry " + String.join(", ", columns));
      }
    }
  }

  /** An object is voided or retired there, as where it comes from. */
  public void removed(Kind kind, String uuid) throws Exception {
    JsonNode object = there(kind, uuid);
    boolean removed = object.path("voided").asBoolean() || object.path("retired").asBoolean();
    CaseFailure.unless(removed, kind + " " + uuid + " is not removed on " + place() + story(uuid));
    if (!servers.travelsAsFhir(kind)) {
      sameRows(kind, List.of(uuid));
    }
  }

  /**
   * A part of an object is voided there, not forgotten.
   *
   * @param path such as {@code person/UUID/name/UUID}
   */
  public void voidedPart(String path) throws Exception {
    Answer answer = there().getRest(path + "?v=full");
    CaseFailure.unless(
        answer.ok(), path + " is not on " + place() + ": its answer is " + answer.status());
    CaseFailure.unless(
        answer.json().path("voided").asBoolean(), path + " is not voided on " + place());
  }

  /** An object is there and neither voided nor retired. */
  public void present(Kind kind, String uuid) throws Exception {
    JsonNode object = there(kind, uuid);
    boolean removed = object.path("voided").asBoolean() || object.path("retired").asBoolean();
    CaseFailure.unless(!removed, kind + " " + uuid + " is removed on " + place() + story(uuid));
  }

  /** The server does not know an object. */
  public void absent(Kind kind, String uuid) throws Exception {
    int status = there().getRest(kind.resource() + "/" + uuid).status();
    CaseFailure.unless(
        status == 404, kind + " " + uuid + " is on " + place() + ": its answer is " + status);
  }

  /**
   * The newest audit message of an object and of this direction, of those that another event did
   * not carry.
   */
  public JsonNode newestAudit(String uuid) throws IOException {
    return audit(uuid).stream()
        .filter(message -> !message.path("status").asText().equals("COALESCED"))
        .findFirst()
        .orElseThrow(() -> new CaseFailure("the audit says nothing of " + uuid));
  }

  private List<JsonNode> audit(String uuid) throws IOException {
    return servers.module().audit(uuid).stream().filter(this::isOfThisDirection).toList();
  }

  private boolean isOfThisDirection(JsonNode record) {
    return record.path("direction").asText().equals(direction.toString());
  }

  /** What the newest audit message says became of an object. */
  public void audited(String uuid, String status) throws Exception {
    String newest = newestAudit(uuid).path("status").asText();
    CaseFailure.unless(
        newest.equals(status), "the audit says " + newest + " instead of " + status + story(uuid));
  }

  private List<JsonNode> parked(String uuid) throws IOException {
    return servers.module().parked(uuid).stream().filter(this::isOfThisDirection).toList();
  }

  /**
   * The parked record of an object.
   *
   * @param errorKind why it must be parked
   */
  public JsonNode parked(String uuid, String errorKind) throws Exception {
    List<JsonNode> parked = parked(uuid);
    CaseFailure.unless(parked.size() == 1, uuid + " is not parked" + story(uuid));
    String kind = parked.get(0).path("error").path("kind").asText();
    CaseFailure.unless(
        kind.equals(errorKind),
        uuid + " is parked as " + kind + " instead of " + errorKind + story(uuid));
    return parked.get(0);
  }

  /** Nothing of an object waits. */
  public void notParked(String uuid) throws Exception {
    CaseFailure.unless(parked(uuid).isEmpty(), uuid + " is parked" + story(uuid));
  }

  private JsonNode there(Kind kind, String uuid) throws Exception {
    Answer answer = there().getRest(kind.resource() + "/" + uuid + "?v=full");
    CaseFailure.unless(
        answer.ok(),
        kind
            + " "
            + uuid
            + " is not on "
            + place()
            + ": its answer is "
            + answer.status()
            + story(uuid));
    return answer.json();
  }

  private void sameDocument(Kind kind, String uuid) throws Exception {
    String path = kind.resource() + "/" + uuid + "?v=full";
    JsonNode parent = document(servers.parent(), kind, path);
    JsonNode child = document(servers.child(), kind, path);
    List<String> differences = DocumentComparison.differences(parent, child);
    noneOf(differences, kind + " " + uuid + " differs in REST", uuid);
  }

  /** A visit tells of its encounters, which are compared by themselves when they come as FHIR. */
  private JsonNode document(OpenMrsServer server, Kind kind, String path) throws Exception {
    ObjectNode document = (ObjectNode) server.read(path);
    if (kind == Kind.VISIT && servers.travelsAsFhir(Kind.ENCOUNTER)) {
      document.remove("encounters");
    }
    return document;
  }

  private void sameFhir(Kind kind, String uuid) throws Exception {
    if (kind.fhirType().isEmpty()) {
      return;
    }
    // Without the narrative, whose template fails for some objects.
    String path = kind.fhirType().get() + "/" + uuid + "?_summary=data";
    Answer parent = servers.parent().getFhir(path);
    Answer child = servers.child().getFhir(path);
    Answer origin = direction == Direction.PULL ? parent : child;
    Answer arrived = direction == Direction.PULL ? child : parent;
    if (!origin.ok()) {
      // The FHIR module does not tell of every object, such as a retired one.
      return;
    }
    if (arrived.status() == 404
        && !servers.travelsAsFhir(kind)
        && !servesFhir(kind.fhirType().get())) {
      servers.note(place() + "'s FHIR module serves nothing since a module was restarted");
      return;
    }
    CaseFailure.unless(
        arrived.ok(),
        path + " is not in the FHIR of " + place() + ": its answer is " + arrived.status());
    List<String> differences = DocumentComparison.differences(parent.json(), child.json());
    noneOf(differences, path + " differs in FHIR", uuid);
  }

  /** A FHIR module that has lost its resources answers 404 to a search, too. */
  private boolean servesFhir(String type) throws IOException {
    return there().getFhir(type + "?_summary=count").status() != 404;
  }

  private void sameRows(Kind kind, Collection<String> uuids) throws Exception {
    if (servers.databases().isEmpty()) {
      return;
    }
    Databases databases = servers.databases().get();
    List<RowDifference> rows =
        direction == Direction.PULL
            ? databases.differences(kind, uuids)
            : databases.differencesAfterPush(kind, uuids);
    List<String> differences = rows.stream().map(RowDifference::toString).toList();
    String first = uuids.isEmpty() ? "" : uuids.iterator().next();
    noneOf(differences, "the databases differ", first);
  }

  private void noneOf(List<String> differences, String what, String uuid) throws IOException {
    if (!differences.isEmpty()) {
      List<String> shown = new ArrayList<>(differences.stream().limit(SHOWN).toList());
      if (differences.size() > SHOWN) {
        shown.add("… " + differences.size() + " in all");
      }
      throw new CaseFailure(what + ": " + String.join("; ", shown) + story(uuid));
    }
  }

  /** What the module says of an object, to go on a message with. */
  private String story(String uuid) throws IOException {
    if (audit(uuid).isEmpty()) {
      return " (the audit says nothing of it)";
    }
    JsonNode newest = newestAudit(uuid);
    JsonNode error = newest.path("error");
    String why =
        error.isObject()
            ? " " + error.path("kind").asText() + ": " + error.path("message").asText()
            : "";
    String detail = newest.path("detail").isObject() ? " " + newest.path("detail") : "";
    return " (newest audit: " + newest.path("status").asText() + why + detail + ")";
  }
}
