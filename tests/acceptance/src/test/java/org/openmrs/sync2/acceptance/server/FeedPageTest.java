package org.openmrs.sync2.acceptance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeedPageTest {

  private static final String PAGE =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <feed xmlns="http://www.w3.org/2005/Atom">
        <link rel="self" href="http://parent.example.org/openmrs/ws/atomfeed/patient/2" />
        <link rel="prev-archive" href="http://parent.example.org/openmrs/ws/atomfeed/patient/1" />
        <id>feed</id>
        <entry><id>tag:1</id><content><![CDATA[{"rest":"/patient/a"}]]></content></entry>
        <entry><id>tag:2</id></entry>
      </feed>
      """;

  @Test
  void aPageHasItsEntriesAndThePageBefore() throws IOException {
    FeedPage page = FeedPage.parse(PAGE);
    assertEquals(
        List.of(
            new FeedPage.Entry("tag:1", "{\"rest\":\"/patient/a\"}"),
            new FeedPage.Entry("tag:2", "")),
        page.entries());
    assertEquals(
        Optional.of("http://parent.example.org/openmrs/ws/atomfeed/patient/1"), page.previous());
  }

  @Test
  void anErrorIsNoFeedThoughItsStatusIsNot() {
    assertTrue(FeedPage.isFeed(PAGE));
    assertFalse(FeedPage.isFeed("{\"message\":\"Privileges required\"}"));
    assertThrows(IOException.class, () -> FeedPage.parse("{\"message\":\"x\"}"));
  }

  @Test
  void entitiesAreRefused() {
    String bomb = "<?xml version=\"1.0\"?><!DOCTYPE feed [<!ENTITY a \"b\">]><feed>&a;</feed>";
    assertThrows(IOException.class, () -> FeedPage.parse(bomb));
  }
}
