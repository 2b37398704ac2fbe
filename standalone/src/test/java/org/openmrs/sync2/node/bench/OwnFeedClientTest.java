package org.openmrs.sync2.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.ict4h.atomfeed.client.AtomFeedProperties;
import org.ict4h.atomfeed.client.domain.Event;
import org.ict4h.atomfeed.client.exceptions.AtomFeedClientException;
import org.ict4h.atomfeed.client.repository.AllFeeds;
import org.ict4h.atomfeed.client.repository.datasource.HttpClient;
import org.ict4h.atomfeed.client.service.AtomFeedClient;
import org.ict4h.atomfeed.client.service.EventWorker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.NodeConfig;
import org.openmrs.sync2.node.NodeHost;
import org.openmrs.sync2.node.NodeServer;

/**
 * The feed that a root publishes itself, read by the client that implementations of OpenMRS read
 * feeds with: ICT4H's, over HTTP with Basic auth.
 */
class OwnFeedClientTest {

  private static final String FEED = "/ws/rest/v1/sync2/feed";
  private static final String PASSWORD = BenchNodes.PASSWORD;
  private static final int PAGE_SIZE = 3;

  @TempDir private Path directory;
  private NodeServer node;
  private ReferenceStore store;

  @BeforeEach
  void start() throws Exception {
    NodeConfig.Server server = BenchNodes.root(directory, PAGE_SIZE).server();
    String sync =
        "{\"pull\": {\"enabled\": false}, \"transfer\": {\"pageSize\": " + PAGE_SIZE + "}}";
    node = NodeServer.start(new NodeConfig(server, sync));
    store = ReferenceStore.open();
  }

  @AfterEach
  void stop() throws Exception {
    store.close();
    node.close();
  }

  @Test
  void everyEventIsReadOnceFromTheFirstPageToTheLast() throws Exception {
    List<String> created = create("Patient", 2 * PAGE_SIZE + 1);
    assertEquals(created, readBy(PASSWORD, FEED + "/recent"));
    assertEquals(List.of(), readBy(PASSWORD, FEED + "/recent"));

    List<String> later = create("Location", PAGE_SIZE);
    assertEquals(later, readBy(PASSWORD, FEED + "/recent"));
    assertEquals(created, readBy(PASSWORD, FEED + "/patient/recent"));
  }

  @Test
  void anEmptyFeedIsReadToItsEnd() throws Exception {
    assertEquals(List.of(), readBy(PASSWORD, FEED + "/recent"));
    List<String> first = create("Patient", 1);
    assertEquals(first, readBy(PASSWORD, FEED + "/recent"));
  }

  @Test
  void nobodyReadsItWithoutAnAccount() {
    AtomFeedClientException refused =
        assertThrows(AtomFeedClientException.class, () -> readBy("wrong", FEED + "/recent"));
    assertTrue(refused.getMessage().contains("401"), refused.getMessage());
  }

  /** What the client tells its worker: the FHIR paths of the objects, in the order of the feed. */
  private List<String> readBy(String password, String feed) throws Exception {
    List<String> paths = new ArrayList<>();
    new AtomFeedClient(
            new AllFeeds(new BasicAuthHttp(password)),
            store.markers(),
            store.failedEvents(),
            new AtomFeedProperties(),
            store.transactions(),
            URI.create(node.baseUrl() + feed),
            new PathCollector(paths))
        .processEvents();
    store.requireNoneFailed(URI.create(node.baseUrl() + feed));
    return paths;
  }

  /** Makes them in one transaction; their FHIR paths. */
  private List<String> create(String type, int count) {
    List<String> paths = new ArrayList<>();
    NodeHost host = node.host();
    host.begin();
    for (int number = 0; number < count; number++) {
      String uuid = UUID.randomUUID().toString();
      String document = "{\"resourceType\": \"" + type + "\", \"id\": \"" + uuid + "\"}";
      byte[] json = document.getBytes(StandardCharsets.UTF_8);
      host.save("fhir", type.toLowerCase(Locale.ROOT), uuid, json);
      paths.add("/ws/fhir2/R4/" + type + "/" + uuid);
    }
    host.commit();
    return paths;
  }

  /** Remembers where the objects of events are. */
  private record PathCollector(List<String> paths) implements EventWorker {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Override
    public void process(Event event) {
      try {
        paths.add(MAPPER.readTree(event.getContent()).path("fhir").asText());
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("The event " + event.getId() + " is no JSON.", e);
      }
    }

    @Override
    public void cleanUp(Event event) {
      // Nothing is kept of an event.
    }
  }

  /** The library's own client knows cookies only. */
  private record BasicAuthHttp(String password) implements HttpClient {

    private static final java.net.http.HttpClient HTTP = java.net.http.HttpClient.newHttpClient();

    @Override
    public String fetch(URI uri, AtomFeedProperties properties, Map<String, String> cookies) {
      String credentials = BenchNodes.USERNAME + ":" + password;
      String encoded =
          Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
      HttpRequest request =
          HttpRequest.newBuilder(uri).header("Authorization", "Basic " + encoded).build();
      try {
        var answer = HTTP.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
          throw new IllegalStateException("the node answers " + answer.statusCode());
        }
        return answer.body();
      } catch (IOException e) {
        throw new IllegalStateException("the node does not answer", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }
}
