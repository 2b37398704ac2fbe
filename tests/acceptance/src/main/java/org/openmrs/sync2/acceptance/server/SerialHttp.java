package org.openmrs.sync2.acceptance.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.openmrs.sync2.acceptance.Json;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/**
 * Copies objects as it was done before: a request for each read, look and write, one after the
 * other, with Basic authentication each.
 */
public final class SerialHttp {

  private static final String PATIENT = "/ws/rest/v1/patient";
  private static final String PERSON = "/ws/rest/v1/person";
  private static final String ENCOUNTER = "/ws/rest/v1/encounter";

  /** What the origin is asked for: what a new patient is made of. */
  private static final String VIEW =
      "?v=custom:(identifiers:(uuid,identifier,identifierType:(uuid),location:(uuid),preferred),"
          + "person:(uuid,gender,birthdate,names:(uuid,prefix,givenName,middleName,familyNamePrefix,"
          + "familyName,familyName2,familyNameSuffix,degree),addresses:(uuid,address1,address2,"
          + "address3,cityVillage,countyDistrict,stateProvince,country,postalCode,latitude,"
          + "longitude),attributes:(uuid,attributeType:(uuid),value)))";

  /** The same of an encounter. */
  private static final String ENCOUNTER_VIEW =
      "v=custom:(uuid,patient:(uuid),encounterType:(uuid),location:(uuid),encounterDatetime,"
          + "encounterProviders:(uuid,provider:(uuid),encounterRole:(uuid)),"
          + "obs:(uuid,concept:(uuid),value,comment))";

  /** What an edit of a person may have changed. */
  private static final String EDITED_VIEW = "?v=custom:(gender,birthdate,birthdateEstimated)";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String origin;
  private final String destination;
  private final String authorization;

  /** From one server to the other, by their addresses, with an account that both have. */
  public SerialHttp(String origin, String destination, Login login) {
    this.origin = origin;
    this.destination = destination;
    byte[] credentials = login.toString().getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /** Brings a patient that the destination does not have. */
  public void copyPatient(String uuid) throws IOException, InterruptedException {
    JsonNode patient = expect(200, request(origin + PATIENT + "/" + uuid + VIEW).GET());
    expect(404, request(destination + PATIENT + "/" + uuid).GET());
    String document = Json.write(withoutReferences(patient));
    expect(201, request(destination + PATIENT).POST(BodyPublishers.ofString(document)));
  }

  /** Brings the encounters of a patient, with their observations, of which there is none yet. */
  public void copyEncounters(String patient) throws IOException, InterruptedException {
    String list = origin + ENCOUNTER + "?patient=" + patient + "&" + ENCOUNTER_VIEW;
    for (JsonNode encounter : expect(200, request(list).GET()).path("results")) {
      String uuid = encounter.path("uuid").asText();
      expect(404, request(destination + ENCOUNTER + "/" + uuid).GET());
      String document = Json.write(withoutReferences(encounter));
      expect(201, request(destination + ENCOUNTER).POST(BodyPublishers.ofString(document)));
    }
  }

  /** Brings an edit of a patient that both have. */
  public void copyEdit(String uuid) throws IOException, InterruptedException {
    String person = PERSON + "/" + uuid;
    JsonNode edited = expect(200, request(origin + person + EDITED_VIEW).GET());
    expect(200, request(destination + person).GET());
    String document = Json.write(withoutReferences(edited));
    expect(200, request(destination + person).POST(BodyPublishers.ofString(document)));
  }

  /** References as they are written: the uuid alone. */
  private static JsonNode withoutReferences(JsonNode node) {
    if (node instanceof ArrayNode list) {
      ArrayNode copy = list.arrayNode();
      list.forEach(item -> copy.add(withoutReferences(item)));
      return copy;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    if (object.size() == 1 && object.has("uuid")) {
      return object.get("uuid");
    }
    ObjectNode copy = object.objectNode();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!field.getKey().equals("links") && !field.getKey().equals("resourceVersion")) {
        copy.set(field.getKey(), withoutReferences(field.getValue()));
      }
    }
    return copy;
  }

  private HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url.replace("(", "%28").replace(")", "%29")))
        .header("User-Agent", OpenMrsServer.USER_AGENT)
        .header("Content-Type", "application/json")
        .header("Authorization", authorization);
  }

  private JsonNode expect(int status, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
    Answer answer = new Answer(response.statusCode(), response.body());
    if (answer.status() != status) {
      throw new RefusedException(request.build().uri().toString(), answer);
    }
    return answer.json();
  }
}
