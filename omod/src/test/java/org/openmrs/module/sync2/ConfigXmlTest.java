package org.openmrs.module.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.InputStream;
import java.io.StringReader;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What OpenMRS reads of the module before it runs any of its code. */
class ConfigXmlTest {

  private Document config;

  @BeforeEach
  void read() throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    builder.setEntityResolver((publicId, systemId) -> new InputSource(new StringReader("")));
    try (InputStream file = ConfigXmlTest.class.getResourceAsStream("/config.xml")) {
      config = builder.parse(file);
    }
  }

  @Test
  void theVersionIsFilledIn() {
    assertFalse(text(config.getDocumentElement(), "version").contains("@"));
  }

  @Test
  void thePrivilegesAreThoseThatTheCodeAsksFor() {
    Set<String> declared = new HashSet<>();
    NodeList privileges = config.getElementsByTagName("privilege");
    for (int i = 0; i < privileges.getLength(); i++) {
      Element privilege = (Element) privileges.item(i);
      assertFalse(text(privilege, "description").isEmpty());
      declared.add(text(privilege, "name"));
    }
    assertEquals(
        new HashSet<>(
            Arrays.asList(
                Sync2Privileges.GET_FEED,
                Sync2Privileges.EXCHANGE_OBJECTS,
                Sync2Privileges.VIEW_AUDIT,
                Sync2Privileges.MANAGE,
                Sync2Privileges.RESOLVE)),
        declared);
  }

  private static String text(Element parent, String tag) {
    return parent.getElementsByTagName(tag).item(0).getTextContent().trim();
  }
}
