package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What a host with a search index is asked, across the boundary. */
class SearchIndexTest {

  /** A host whose index fails once, and notes what it is asked. */
  private static final class IndexedHost extends ForwardingHost {
    private final List<String> asked = new ArrayList<>();
    private boolean fails;

    IndexedHost() throws Exception {
      super(new JdbcHost(TestDatabases.h2()));
    }

    @Override
    public boolean indexBehind(String call) {
      asked.add("behind");
      return true;
    }

    @Override
    public void awaitIndex(String call) {
      asked.add("await");
      if (fails) {
        fails = false;
        throw new IllegalStateException("the index is full");
      }
    }

    @Override
    public void indexAgain(String[] categories, String[] uuids) {
      asked.add("again " + Arrays.toString(categories) + " " + Arrays.toString(uuids));
    }
  }

  /** The run lets it follow twice: before and after it looks what was left behind. */
  @Test
  void whatTheIndexDidNotTakeIsGivenToItAgain() throws Exception {
    IndexedHost host = new IndexedHost();
    host.fails = true;
    try (OnePatientParent parent = new OnePatientParent();
        SyncEngine engine =
            SyncEngine.open(TestConfig.forParent(parent.url()), host, TestConfig.NATIVE)) {
      engine.pull();
      assertEquals(Arrays.asList("behind", "behind", "await"), host.asked);
      host.asked.clear();
      engine.listening(ListeningStep.begins(1));
      assertEquals(
          Collections.singletonList("again [patient] [" + OnePatientParent.UUID + "]"), host.asked);
    }
  }

  @Test
  void aRequestIsAnsweredOnceTheIndexHasAllOfItsGroups() throws Exception {
    IndexedHost host = new IndexedHost();
    String root =
        "{\"pull\": {\"enabled\": false}, \"exchange\": {\"children\": {\"child\":"
            + " {\"write\": [\"*\"]}}}}";
    try (SyncEngine engine = SyncEngine.open(root, host, TestConfig.NATIVE)) {
      SyncExchange exchange = new SyncExchange(new TestNode(engine, Runnable::run));
      exchange.handle(request(ExchangeLines.MOST_LINES + 1), new NoAnswer());
    }
    assertEquals(Arrays.asList("behind", "behind", "await", "await"), host.asked);
  }

  private static SyncExchange.Request request(int patients) {
    StringBuilder lines = new StringBuilder();
    for (int number = 0; number < patients; number++) {
      lines
          .append("{\"category\": \"patient\", \"uuid\": \"p" + number + "\",")
          .append(" \"representation\": \"fhir\", \"action\": \"CREATED\",")
          .append(" \"canonicalVersion\": 4, \"document\":")
          .append(" {\"resourceType\": \"Patient\", \"id\": \"p" + number + "\"}}\n");
    }
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", SyncExchange.MEDIA_TYPE);
    headers.put("X-Sync2", "1");
    headers.put(SyncExchange.NODE_HEADER, "child-node");
    ByteArrayInputStream body = new ByteArrayInputStream(lines.toString().getBytes(UTF_8));
    return new SyncExchange.Request("POST", "objects/apply", headers::get, body)
        .user("child", Collections.singleton(SyncExchange.EXCHANGE));
  }

  private static final class NoAnswer implements SyncExchange.Answer {
    @Override
    public void begin(int status, Map<String, String> headers) {
      assertEquals(200, status);
    }

    @Override
    public OutputStream body() {
      return new ByteArrayOutputStream();
    }
  }
}
