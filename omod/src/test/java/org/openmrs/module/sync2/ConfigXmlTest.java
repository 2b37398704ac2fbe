package org.openmrs.module.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import javax.servlet.Filter;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmrs.module.Extension;
import org.openmrs.module.web.extension.AdministrationSectionExt;
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

  @Test
  void theFilterIsOfThePagesFiles() throws Exception {
    Element filter = (Element) config.getElementsByTagName("filter").item(0);
    assertTrue(Filter.class.isAssignableFrom(Class.forName(text(filter, "filter-class"))));
    Element mapping = (Element) config.getElementsByTagName("filter-mapping").item(0);
    assertEquals(text(filter, "filter-name"), text(mapping, "filter-name"));
    assertEquals("/moduleResources/sync2/*", text(mapping, "url-pattern"));
  }

  @Test
  void theAdministrationPageIsExtendedByTheLinkToThePage() throws Exception {
    Element extension = (Element) config.getElementsByTagName("extension").item(0);
    assertEquals("org.openmrs.admin.list", text(extension, "point"));
    Class<?> named = Class.forName(text(extension, "class"));
    AdministrationSectionExt section =
        (AdministrationSectionExt) named.getDeclaredConstructor().newInstance();
    assertEquals(Extension.MEDIA_TYPE.html, section.getMediaType());
    assertEquals(Sync2Privileges.VIEW_AUDIT, section.getRequiredPrivilege());
    assertEquals(
        Collections.singleton("moduleResources/sync2/index.html"), section.getLinks().keySet());
  }

  /** It is also where OpenMRS looks for a class of a module that starts before this one. */
  @Test
  void theModuleStartsAfterTheOneThatHasTheAdministrationPage() {
    NodeList modules = config.getElementsByTagName("aware_of_module");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < modules.getLength(); i++) {
      names.add(modules.item(i).getTextContent().trim());
    }
    assertTrue(names.contains("org.openmrs.module.legacyui"), names::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "_fr", "_es", "_pt", "_sw"})
  void theTitlesAreThereInEveryLanguage(String language) throws Exception {
    Properties messages = new Properties();
    try (InputStream file =
        ConfigXmlTest.class.getResourceAsStream("/messages" + language + ".properties")) {
      messages.load(file);
    }
    AdministrationLink link = new AdministrationLink();
    Set<String> titles = new HashSet<>(link.getLinks().values());
    titles.add(link.getTitle());
    assertEquals(titles, messages.stringPropertyNames());
    assertFalse(messages.containsValue(""));
  }

  private static String text(Element parent, String tag) {
    return parent.getElementsByTagName(tag).item(0).getTextContent().trim();
  }
}
