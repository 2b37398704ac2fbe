package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmrs.sync2.Failures.assertFails;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncApi.Request;
import org.openmrs.sync2.SyncApi.Response;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The feed that a node without a parent publishes: its pages, and their answers over HTTP. */
class OwnFeedTest {

  private static final Set<String> READER = Collections.singleton(SyncApi.GET_FEED);

  private DataSource database;
  private SyncEngine engine;
  private SyncApi api;

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabases.h2();
    engine =
        SyncEngine.open(
            "{\"pull\": {\"enabled\": false}, \"transfer\": {\"pageSize\": 2}}",
            new JdbcHost(database),
            TestConfig.NATIVE);
    api = new SyncApi(new TestNode(engine, Runnable::run));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void committedChangesAloneStandInTheFeed() throws SQLException {
    assertEquals(Collections.emptyList(), FeedFollower.patients(page("recent").document()));
    try (OwnChanges changes = new OwnChanges(database.getConnection())) {
      changes.create("rolled-back");
    }
    create("a", "b", "c");
    assertEquals(Collections.singletonList("c"), FeedFollower.patients(page("recent").document()));
    assertEquals(Arrays.asList("a", "b"), FeedFollower.patients(page("1").document()));
    assertEquals(Arrays.asList("a", "b"), FeedFollower.patients(page("patient/1").document()));
    assertFalse(page("location/recent").document().contains("<entry>"));
  }

  @Test
  void thePageThatIsBeingFilledIsReadAgainOnlyWhenItChanged() throws SQLException {
    create("a", "b");
    String first = page("1").etag();
    assertNull(engine.feedPage(FeedFollower.FEED + "1", first).document());
    create("c");
    SyncFeedPage followed = engine.feedPage(FeedFollower.FEED + "1", first);
    assertTrue(followed.document().contains("rel=\"next-archive\""), followed.document());
    assertTrue(followed.archived());
    assertFalse(page("2").archived());
  }

  @Test
  void futurePageIsNotFoundAndRemovedPageIsGone() throws SQLException {
    assertThrows(SyncNotFoundException.class, () -> page("1"));
    assertThrows(SyncNotFoundException.class, () -> page("unicorn/recent"));
    create("a", "b", "c");
    assertThrows(SyncNotFoundException.class, () -> page("3"));
    try (Connection connection = database.getConnection()) {
      connection.createStatement().execute("UPDATE sync2_event SET published_at = 0");
    }
    SyncException gone = assertFails("Gone", () -> page("1"));
    assertTrue(gone.getMessage().contains("feed.keepDays"), gone.getMessage());
    assertEquals(410, api.handle(get("1")).status());
    assertEquals(Collections.singletonList("c"), FeedFollower.patients(page("2").document()));
  }

  @Test
  void aPageIsAnsweredWithWhatItsReaderNeedsToKeepIt() throws Exception {
    create("a", "b", "c");
    Response archived = api.handle(get("1"));
    assertEquals(200, archived.status());
    assertEquals("application/atom+xml;charset=UTF-8", archived.headers().get("Content-Type"));
    assertEquals("private, max-age=31536000, immutable", archived.headers().get("Cache-Control"));
    assertEquals("Accept-Encoding", archived.headers().get("Vary"));
    assertEquals("no-cache", api.handle(get("recent")).headers().get("Cache-Control"));

    String etag = archived.headers().get("ETag");
    Response same = api.handle(get("1").headers(header("If-None-Match", etag)));
    assertEquals(304, same.status());
    assertEquals(etag, same.headers().get("ETag"));
    assertEquals(0, same.body().length);
    assertNotEquals(etag, api.handle(get("2")).headers().get("ETag"));
  }

  @Test
  void aPageIsCompressedForWhoWantsIt() throws Exception {
    create("a", "b");
    Response plain = api.handle(get("recent"));
    for (String accepted : Arrays.asList("gzip", "br, GZIP;q=0.5", "deflate,gzip ; q=1")) {
      Response answer = api.handle(get("recent").headers(header("Accept-Encoding", accepted)));
      assertEquals("gzip", answer.headers().get("Content-Encoding"), accepted);
      assertArrayEquals(plain.body(), uncompressed(answer.body()), accepted);
    }
    for (String other : Arrays.asList("", "br", "gzip;q=0", "gzip; q=0.0", "notgzip")) {
      Response answer = api.handle(get("recent").headers(header("Accept-Encoding", other)));
      assertNull(answer.headers().get("Content-Encoding"), other);
      assertArrayEquals(plain.body(), answer.body(), other);
    }
  }

  @Test
  void theFeedTakesAPrivilegeOfItsOwn() {
    for (String path : Arrays.asList("recent", "1", "patient/recent", "patient/1")) {
      assertEquals(401, api.handle(asked(path)).status());
      Set<String> others = new HashSet<>(Arrays.asList(SyncApi.VIEW, SyncApi.MANAGE));
      assertEquals(403, api.handle(asked(path).user("u", others)).status());
    }
    assertEquals(404, api.handle(get("no/such/feed")).status());
    assertEquals(200, api.handle(get("recent")).status());
    String json = new String(api.handle(get("unicorn/recent")).body(), UTF_8);
    assertTrue(json.contains("\"kind\":\"NotFound\""), json);
  }

  private SyncFeedPage page(String path) {
    return engine.feedPage(FeedFollower.FEED + path, null);
  }

  private static Request get(String path) {
    return asked(path).user("u", READER);
  }

  private static Request asked(String path) {
    return new Request("GET", "feed/" + path).url(FeedFollower.FEED + path);
  }

  private static Function<String, String> header(String name, String value) {
    return Collections.singletonMap(name, value)::get;
  }

  private void create(String... patients) throws SQLException {
    try (OwnChanges changes = new OwnChanges(database.getConnection())) {
      changes.create(patients).commit();
    }
  }

  private static byte[] uncompressed(byte[] gzip) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        content.write(next);
      }
    }
    return content.toByteArray();
  }
}
