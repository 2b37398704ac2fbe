package org.openmrs.sync2.acceptance.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * A page of an Atom feed.
 *
 * @param previous the address of the page before, where there is one
 */
public record FeedPage(List<Entry> entries, Optional<String> previous) {

  private static final String ATOM = "http://www.w3.org/2005/Atom";

  /**
   * An event.
   *
   * @param content names the object in its links
   */
  public record Entry(String id, String content) {}

  /** Whether a text is a feed: OpenMRS's atomfeed module answers failures with 200, too. */
  public static boolean isFeed(String text) {
    return text.stripLeading().startsWith("<?xml") && text.contains("<feed");
  }

  /**
   * Reads a page.
   *
   * @throws IOException when it is none
   */
  public static FeedPage parse(String text) throws IOException {
    Element feed = root(text);
    List<Entry> entries = new ArrayList<>();
    for (Element entry : elements(feed, "entry")) {
      entries.add(new Entry(text(entry, "id"), text(entry, "content")));
    }
    Optional<String> previous =
        elements(feed, "link").stream()
            .filter(link -> link.getAttribute("rel").equals("prev-archive"))
            .map(link -> link.getAttribute("href"))
            .findFirst();
    return new FeedPage(entries, previous);
  }

  private static Element root(String text) throws IOException {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setNamespaceAware(true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      // Decoded already: the parent's header says another encoding than its feed.
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      DocumentBuilder builder = factory.newDocumentBuilder();
      // It would print what it also throws.
      builder.setErrorHandler(null);
      return builder.parse(new InputSource(new ByteArrayInputStream(utf8))).getDocumentElement();
    } catch (SAXException | ParserConfigurationException e) {
      throw new IOException("the parent's feed is no XML: " + e.getMessage(), e);
    }
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagNameNS(ATOM, name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static String text(Element entry, String name) {
    List<Element> found = elements(entry, name);
    return found.isEmpty() ? "" : found.get(0).getTextContent();
  }
}
