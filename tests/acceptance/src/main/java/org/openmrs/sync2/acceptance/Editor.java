package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Somebody who makes and edits objects of every kind at one of the servers, by REST. */
public final class Editor {

  private final OpenMrsServer server;
  private final Documents documents;
  private final Metadata metadata;
  private final Names names;

  /** Somebody at the parent. */
  public Editor(TwoServers servers) {
    this(servers, servers.parent());
  }

  /** Somebody at this one of the servers. */
  public Editor(TwoServers servers, OpenMrsServer server) {
    this.server = server;
    this.documents = servers.documents();
    this.metadata = servers.metadata();
    this.names = servers.names();
  }

  /** Where the edits are made. */
  public OpenMrsServer server() {
    return server;
  }

  public Documents documents() {
    return documents;
  }

  public Metadata metadata() {
    return metadata;
  }

  public Names names() {
    return names;
  }

  /**
   * Makes an object, and first what it cannot be without.
   *
   * @return its uuid
   */
  public String create(Kind kind) throws IOException {
    return switch (kind) {
      case PATIENT -> patient();
      case PERSON -> server.create("person", documents.person());
      case ENCOUNTER -> encounter(patient());
      case OBSERVATION -> observation(patient(), 61.5);
      case VISIT -> server.create("visit", documents.visit(patient()));
      case LOCATION -> server.create("location", documents.location());
      case PROVIDER -> server.create("provider", documents.provider(create(Kind.PERSON)));
      case ENCOUNTER_TYPE -> server.create("encountertype", documents.named("Type"));
      case VISIT_TYPE -> server.create("visittype", documents.named("Type"));
      case RELATIONSHIP ->
          server.create(
              "relationship",
              documents.relationship(patient(), create(Kind.PERSON), metadata.relationshipType()));
      case RELATIONSHIP_TYPE -> server.create("relationshiptype", documents.relationshipType());
    };
  }

  public String patient() throws IOException {
    return server.create("patient", documents.patient());
  }

  /** An encounter with a provider, without observations. */
  public String encounter(String patient) throws IOException {
    return server.create("encounter", documents.encounter(patient));
  }

  /** An observation that stands for itself. */
  public String observation(String patient, double value) throws IOException {
    return server.create("obs", documents.observation(patient, metadata.numeric(), value));
  }

  /**
   * Changes a value of the object itself.
   *
   * @return the uuid of what has the new value: of an observation another one
   */
  public String change(Kind kind, String uuid) throws IOException {
    return server.change(
        kind.resource(),
        uuid,
        switch (kind) {
          case PATIENT -> Map.of("person", Map.of("gender", "M", "birthdate", "1985-06-18"));
          case PERSON -> Map.of("gender", "M", "birthdateEstimated", true);
          case ENCOUNTER -> Map.of("encounterDatetime", Documents.NOON);
          case OBSERVATION -> Map.of("value", 62.25);
          case VISIT -> Map.of("stopDatetime", Documents.EVENING);
          case LOCATION ->
              Map.of(
                  "description",
                  "Changed",
                  "address1",
                  "2 Clinic Lane",
                  "tags",
                  List.of(metadata.otherTag()));
          case PROVIDER -> Map.of("identifier", documents.newProviderIdentifier());
          case RELATIONSHIP -> Map.of("endDate", Documents.EVENING);
          case ENCOUNTER_TYPE, VISIT_TYPE, RELATIONSHIP_TYPE -> Map.of("description", "Changed");
        });
  }

  /** Voids or retires. */
  public void remove(Kind kind, String uuid) throws IOException {
    server.remove(kind.resource(), uuid);
  }

  /**
   * Undoes {@link #remove}. OpenMRS voids the names and identifiers of a person with it, and its
   * REST module refuses to bring a person back who has none: as a clerk would, this gives new ones
   * first.
   */
  public void restore(Kind kind, String uuid) throws IOException {
    if (kind == Kind.PATIENT || kind == Kind.PERSON) {
      server.create("person/" + uuid + "/name", Documents.name("Returned", "Person"));
    }
    if (kind == Kind.PATIENT) {
      Map<String, Object> identifier = documents.newIdentifier();
      identifier.put("preferred", true);
      server.create("patient/" + uuid + "/identifier", identifier);
    }
    server.restore(kind.resource(), uuid);
  }

  /** The uuids of the parts of an object, such as the {@code names} of a person. */
  public List<String> parts(String resource, String uuid, String part) throws IOException {
    List<String> uuids = new ArrayList<>();
    server
        .read(resource + "/" + uuid + "?v=full")
        .path(part)
        .forEach(each -> uuids.add(each.path("uuid").asText()));
    return uuids;
  }
}
