package org.openmrs.sync2.acceptance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.Metadata;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Metadata of one name, or of one number, that both sites made by hand. */
public final class SameNameCases {

  private static final List<Twins> TWINS =
      List.of(
          new Twins("location", "location", SameNameCases::named, SameNameCases::encounterAt),
          new Twins(
              "encounter_type", "encountertype", SameNameCases::named, SameNameCases::encounterOf),
          new Twins("visittype", "visittype", SameNameCases::named, SameNameCases::visitOf),
          new Twins(
              "encounter_role", "encounterrole", SameNameCases::named, SameNameCases::encounterAs),
          new Twins(
              "patient_identifier_type",
              "patientidentifiertype",
              SameNameCases::named,
              SameNameCases::patientNumbered),
          new Twins(
              "person_attribute_type",
              "personattributetype",
              SameNameCases::attributeType,
              SameNameCases::patientDescribed),
          new Twins(
              "visit_attribute_type",
              "visitattributetype",
              SameNameCases::freeTextOnce,
              SameNameCases::visitDescribed),
          new Twins(
              "location_attribute_type",
              "locationattributetype",
              SameNameCases::freeTextOnce,
              SameNameCases::locationDescribed),
          new Twins(
              "provider_attribute_type",
              "providerattributetype",
              SameNameCases::freeTextOnce,
              SameNameCases::providerDescribed),
          new Twins(
              "relationship_type",
              "relationshiptype",
              SameNameCases::relationshipType,
              SameNameCases::relatedAs),
          new Twins("provider", "provider", SameNameCases::provider, SameNameCases::encounterWith));

  private SameNameCases() {}

  /** One of each kind of metadata. */
  public static List<AcceptanceCase> all() {
    List<AcceptanceCase> cases = new ArrayList<>();
    for (Twins twins : TWINS) {
      String name = "clinic-same-name-" + twins.resource();
      cases.add(new AcceptanceCase(name, servers -> mapped(servers, twins)));
    }
    return cases;
  }

  /**
   * Something that both sites made by hand.
   *
   * @param form what it is made of, without a uuid
   * @param use makes an object that refers to it
   */
  private record Twins(String category, String resource, Form form, Use use) {

    String made(OpenMrsServer server, Map<String, ?> form) throws Exception {
      Map<String, Object> document = Documents.document(Map.entry("uuid", Documents.uuid()));
      document.putAll(form);
      return server.create(resource, document);
    }
  }

  /** What both sites type. */
  @FunctionalInterface
  private interface Form {
    Map<String, ?> of(TwoServers servers, String name) throws Exception;
  }

  /** Makes an object that refers to metadata. */
  @FunctionalInterface
  private interface Use {
    Using of(TwoServers servers, OpenMrsServer server, String metadata) throws Exception;
  }

  /**
   * An object that refers to metadata.
   *
   * @param uuid of the object
   * @param path of it in REST
   * @param pointer to the uuid of what it refers to
   */
  private record Using(String uuid, String path, String pointer) {

    private static final String ATTRIBUTE_TYPE = "/attributes/0/attributeType/uuid";

    static Using of(String resource, String uuid, String pointer) {
      return new Using(uuid, resource + "/" + uuid + "?v=full", pointer);
    }

    /** Of an object whose attribute has the type. */
    static Using describing(String resource, String uuid) {
      return of(resource, uuid, ATTRIBUTE_TYPE);
    }

    /**
     * FHIR carries no roles of an encounter's providers, and no attributes of locations and
     * providers.
     */
    boolean isCarried(TwoServers servers) {
      boolean leavesOut =
          servers.travelsAsFhir(Kind.ENCOUNTER) && pointer.contains("encounterRole")
              || servers.travelsAsFhir(Kind.LOCATION) && describes("location")
              || servers.travelsAsFhir(Kind.PROVIDER) && describes("provider");
      return !leavesOut;
    }

    private boolean describes(String resource) {
      return path.startsWith(resource + "/") && pointer.equals(ATTRIBUTE_TYPE);
    }

    void mustReferTo(OpenMrsServer server, String metadata) throws Exception {
      String found = server.read(path).at(pointer).asText();
      CaseFailure.unless(
          found.equals(metadata),
          path + " at " + server.base() + " refers to " + found + " instead of " + metadata);
    }
  }

  /** One problem that names the pair; mapped, all flows both ways, and there is no second one. */
  private static void mapped(TwoServers servers, Twins twins) throws Exception {
    servers.pushing();
    Map<String, ?> form = twins.form().of(servers, servers.names().next("Twin"));
    String there = twins.made(servers.parent(), form);
    String here = twins.made(servers.child(), form);
    Using pulled = twins.use().of(servers, servers.parent(), there);
    servers.synchronize();
    Checks checks = Checks.of(servers);
    JsonNode parked = checks.parked(there, "Duplicate");
    String words = parked.path("error").path("message").asText();
    CaseFailure.unless(
        words.contains(there) && words.contains(here), "the pair is not named: " + words);
    servers.configure(servers.standard().with("uuidMap", twins.category(), Map.of(there, here)));
    servers.module().retry(List.of(parked.path("auditUuid").asText()));
    servers.synchronize();
    servers.synchronize();
    checks.notParked(pulled.uuid());
    if (pulled.isCarried(servers)) {
      pulled.mustReferTo(servers.child(), here);
    }
    Using pushed = twins.use().of(servers, servers.child(), here);
    servers.push();
    if (pushed.isCarried(servers)) {
      pushed.mustReferTo(servers.parent(), there);
    }
    mustNotBeAt(servers.child(), twins, there);
    mustNotBeAt(servers.parent(), twins, here);
  }

  private static void mustNotBeAt(OpenMrsServer server, Twins twins, String uuid) throws Exception {
    int status = server.getRest(twins.resource() + "/" + uuid).status();
    CaseFailure.unless(
        status == 404, "a second " + twins.category() + " is at " + server.base() + ": " + uuid);
  }

  private static Map<String, ?> named(TwoServers servers, String name) {
    return Map.of("name", name, "description", "Made by hand on both");
  }

  private static Map<String, ?> attributeType(TwoServers servers, String name) {
    return Map.of(
        "name", name, "description", "Made by hand on both", "format", "java.lang.String");
  }

  private static Map<String, ?> freeTextOnce(TwoServers servers, String name) {
    Map<String, Object> type = new HashMap<>(Metadata.FREE_TEXT_ONCE);
    type.putAll(named(servers, name));
    return type;
  }

  private static Map<String, ?> relationshipType(TwoServers servers, String name) {
    return Map.of("aIsToB", name, "bIsToA", "Ward", "description", "Made by hand on both");
  }

  /** Of the same person, who travels before. */
  private static Map<String, ?> provider(TwoServers servers, String number) throws Exception {
    String person = servers.parent().create("person", servers.documents().person());
    servers.synchronize();
    return Map.of("person", person, "identifier", number);
  }

  private static Using encounterAt(TwoServers servers, OpenMrsServer server, String location)
      throws Exception {
    return encounter(servers, server, Map.of("location", location), "/location/uuid");
  }

  private static Using encounterOf(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    return encounter(servers, server, Map.of("encounterType", type), "/encounterType/uuid");
  }

  private static Using encounterAs(TwoServers servers, OpenMrsServer server, String role)
      throws Exception {
    List<?> participants = List.of(servers.documents().participant(role));
    return encounter(
        servers,
        server,
        Map.of("encounterProviders", participants),
        "/encounterProviders/0/encounterRole/uuid");
  }

  private static Using encounterWith(TwoServers servers, OpenMrsServer server, String provider)
      throws Exception {
    Map<String, Object> participant =
        servers.documents().participant(servers.metadata().encounterRole());
    participant.put("provider", provider);
    return encounter(
        servers,
        server,
        Map.of("encounterProviders", List.of(participant)),
        "/encounterProviders/0/provider/uuid");
  }

  private static Using encounter(
      TwoServers servers, OpenMrsServer server, Map<String, ?> more, String pointer)
      throws Exception {
    Map<String, Object> encounter =
        servers.documents().encounter(new Editor(servers, server).patient());
    encounter.putAll(more);
    return Using.of("encounter", server.create("encounter", encounter), pointer);
  }

  private static Using visitOf(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    Map<String, Object> visit = servers.documents().visit(new Editor(servers, server).patient());
    visit.put("visitType", type);
    return Using.of("visit", server.create("visit", visit), "/visitType/uuid");
  }

  private static Using relatedAs(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    Editor editor = new Editor(servers, server);
    Map<String, Object> relationship =
        servers.documents().relationship(editor.patient(), editor.create(Kind.PERSON), type);
    String uuid = server.create("relationship", relationship);
    return Using.of("relationship", uuid, "/relationshipType/uuid");
  }

  private static Using visitDescribed(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    Map<String, Object> visit = servers.documents().visit(new Editor(servers, server).patient());
    return described(server, "visit", visit, type);
  }

  private static Using locationDescribed(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    return described(server, "location", servers.documents().location(), type);
  }

  private static Using providerDescribed(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    String person = server.create("person", servers.documents().person());
    return described(server, "provider", servers.documents().provider(person), type);
  }

  private static Using described(
      OpenMrsServer server, String resource, Map<String, Object> document, String type)
      throws Exception {
    document.put("attributes", List.of(Documents.attribute(type, "said so")));
    return Using.describing(resource, server.create(resource, document));
  }

  private static Using patientNumbered(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    Documents documents = servers.documents();
    Map<String, Object> identifier = documents.newIdentifier();
    identifier.put("identifierType", type);
    String patient = server.create("patient", documents.patient(documents.person(), identifier));
    return Using.of("patient", patient, "/identifiers/0/identifierType/uuid");
  }

  private static Using patientDescribed(TwoServers servers, OpenMrsServer server, String type)
      throws Exception {
    Documents documents = servers.documents();
    Map<String, Object> person = documents.person();
    Map<String, Object> attribute = documents.personAttribute("said so");
    attribute.put("attributeType", type);
    person.put("attributes", List.of(attribute));
    String patient = server.create("patient", documents.patient(person, documents.newIdentifier()));
    return Using.of("patient", patient, "/person/attributes/0/attributeType/uuid");
  }
}
