package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
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

/** What must be seen on the child. Each check throws {@link CaseFailure}. */
public final class Checks {

  private static final int SHOWN = 6;
  private static final int DOCUMENTS_LOOKED_AT = 20;

  private final TwoServers servers;

  private Checks(TwoServers servers) {
    this.servers = servers;
  }

  public static Checks of(TwoServers servers) {
    return new Checks(servers);
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
      onChild(kind, uuid);
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

  /** An object is voided or retired on the child, as on the parent. */
  public void removed(Kind kind, String uuid) throws Exception {
    JsonNode object = onChild(kind, uuid);
    boolean removed = object.path("voided").asBoolean() || object.path("retired").asBoolean();
    CaseFailure.unless(removed, kind + " " + uuid + " is not removed on the child" + story(uuid));
    if (!servers.travelsAsFhir(kind)) {
      sameRows(kind, List.of(uuid));
    }
  }

  /**
   * A part of an object is voided on the child, not forgotten.
   *
   * @param path such as {@code person/UUID/name/UUID}
   */
  public void voidedPart(String path) throws Exception {
    Answer answer = servers.child().getRest(path + "?v=full");
    CaseFailure.unless(
        answer.ok(), path + " is not on the child: its answer is " + answer.status());
    CaseFailure.unless(
        answer.json().path("voided").asBoolean(), path + " is not voided on the child");
  }

  /** An object is on the child and neither voided nor retired. */
  public void present(Kind kind, String uuid) throws Exception {
    JsonNode object = onChild(kind, uuid);
    boolean removed = object.path("voided").asBoolean() || object.path("retired").asBoolean();
    CaseFailure.unless(!removed, kind + " " + uuid + " is removed on the child" + story(uuid));
  }

  /** The child does not know an object. */
  public void absent(Kind kind, String uuid) throws Exception {
    int status = servers.child().getRest(kind.resource() + "/" + uuid).status();
    CaseFailure.unless(
        status == 404, kind + " " + uuid + " is on the child: its answer is " + status);
  }

  /** The newest audit message of an object, of those that another event did not carry. */
  public JsonNode newestAudit(String uuid) throws IOException {
    return servers.module().audit(uuid).stream()
        .filter(message -> !message.path("status").asText().equals("COALESCED"))
        .findFirst()
        .orElseThrow(() -> new CaseFailure("the audit says nothing of " + uuid));
  }

  /**
   * The parked record of an object.
   *
   * @param errorKind why it must be parked
   */
  public JsonNode parked(String uuid, String errorKind) throws Exception {
    List<JsonNode> parked = servers.module().parked(uuid);
    CaseFailure.unless(parked.size() == 1, uuid + " is not parked" + story(uuid));
    String kind = parked.get(0).path("error").path("kind").asText();
    CaseFailure.unless(
        kind.equals(errorKind),
        uuid + " is parked as " + kind + " instead of " + errorKind + story(uuid));
    return parked.get(0);
  }

  /** Nothing of an object waits. */
  public void notParked(String uuid) throws Exception {
    CaseFailure.unless(servers.module().parked(uuid).isEmpty(), uuid + " is parked" + story(uuid));
  }

  private JsonNode onChild(Kind kind, String uuid) throws Exception {
    Answer answer = servers.child().getRest(kind.resource() + "/" + uuid + "?v=full");
    CaseFailure.unless(
        answer.ok(),
        kind + " " + uuid + " is not on the child: its answer is " + answer.status() + story(uuid));
    return answer.json();
  }

  private void sameDocument(Kind kind, String uuid) throws Exception {
    JsonNode parent = servers.parent().read(kind.resource() + "/" + uuid + "?v=full");
    List<String> differences = DocumentComparison.differences(parent, onChild(kind, uuid));
    noneOf(differences, kind + " " + uuid + " differs in REST", uuid);
  }

  private void sameFhir(Kind kind, String uuid) throws Exception {
    if (kind.fhirType().isEmpty()) {
      return;
    }
    // Without the narrative, whose template fails for some objects.
    String path = kind.fhirType().get() + "/" + uuid + "?_summary=data";
    Answer parent = servers.parent().getFhir(path);
    if (!parent.ok()) {
      // The FHIR module does not tell of every object, such as a retired one.
      return;
    }
    Answer child = servers.child().getFhir(path);
    if (child.status() == 404
        && !servers.travelsAsFhir(kind)
        && !servesFhir(kind.fhirType().get())) {
      servers.note("the child's FHIR module serves nothing since a module was restarted");
      return;
    }
    CaseFailure.unless(
        child.ok(), path + " is not in the child's FHIR: its answer is " + child.status());
    List<String> differences = DocumentComparison.differences(parent.json(), child.json());
    noneOf(differences, path + " differs in FHIR", uuid);
  }

  /** A FHIR module that has lost its resources answers 404 to a search, too. */
  private boolean servesFhir(String type) throws IOException {
    return servers.child().getFhir(type + "?_summary=count").status() != 404;
  }

  private void sameRows(Kind kind, Collection<String> uuids) throws Exception {
    if (servers.databases().isEmpty()) {
      return;
    }
    Databases databases = servers.databases().get();
    List<String> differences =
        databases.differences(kind, uuids).stream().map(RowDifference::toString).toList();
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
    if (servers.module().audit(uuid).isEmpty()) {
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
