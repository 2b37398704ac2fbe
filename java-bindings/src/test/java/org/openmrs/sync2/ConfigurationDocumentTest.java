package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where a password goes, and where it does not. */
class ConfigurationDocumentTest {

  private static final String SECRET = "not-a-secret";

  private static final String URL = "https://kept.example.org";
  private static final String OTHER_URL = "https://other.example.org";
  private static final String MARK = "{\"set\":true}";

  /** A document with that secret in a section. */
  private static ConfigurationDocument with(String section, String url, String password) {
    return ConfigurationDocument.parse(json(section, url, password));
  }

  private static String json(String section, String url, String password) {
    return "{\"" + section + "\":{\"url\":\"" + url + "\",\"password\":" + password + "}}";
  }

  private static ConfigurationDocument kept(String section) {
    return with(section, URL, "\"" + SECRET + "\"").sealed(ConfigurationDocumentTest::reversed);
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  private static void refused(
      String section, ConfigurationDocument sent, ConfigurationDocument kept) {
    String message =
        assertThrows(
                SyncConfigurationException.class, () -> sent.filled(kept, TestNode.NO_CERTIFICATES))
            .getMessage();
    assertTrue(message.startsWith(section + ".password: "), message);
    assertFalse(message.contains(SECRET) || message.contains(reversed(SECRET)), message);
  }

  @Test
  void theSectionsWithASecretAreThese() {
    assertEquals(Arrays.asList("parent", "local"), ConfigurationDocument.SECTIONS);
  }

  @Test
  void eachSecretIsSealedAndOpenedAgain() {
    for (String section : ConfigurationDocument.SECTIONS) {
      assertFalse(kept(section).json().contains(SECRET));
      ConfigurationDocument opened = kept(section).opened(ConfigurationDocumentTest::reversed);
      assertEquals(json(section, URL, "\"" + SECRET + "\""), opened.json());
    }
  }

  @Test
  void nobodyIsShownASecretAndNoneIsPrinted() {
    for (String section : ConfigurationDocument.SECTIONS) {
      ConfigurationDocument open = kept(section).opened(ConfigurationDocumentTest::reversed);
      ConfigurationDocument odd = with(section, URL, "{\"env\":\"X\",\"x\":\"" + SECRET + "\"}");
      for (ConfigurationDocument document : Arrays.asList(kept(section), open, odd)) {
        assertEquals(json(section, URL, MARK), document.shown().json());
        assertEquals(json(section, URL, MARK), document.toString());
      }
      String variable = json(section, URL, "{\"env\":\"SYNC2_P\"}");
      assertEquals(variable, ConfigurationDocument.parse(variable).shown().json());
    }
  }

  @Test
  void shownConfigurationCanBeWrittenBack() {
    for (String section : ConfigurationDocument.SECTIONS) {
      ConfigurationDocument kept = kept(section);
      assertEquals(kept.json(), kept.shown().filled(kept, TestNode.NO_CERTIFICATES).json());
      assertEquals(kept.json(), kept.filled(kept, TestNode.NO_CERTIFICATES).json());
      ConfigurationDocument variable = with(section, URL, "{\"env\":\"OLD_NAME\"}");
      assertEquals(
          variable.json(), variable.shown().filled(variable, TestNode.NO_CERTIFICATES).json());
    }
  }

  @Test
  void noSecretIsSentToAnotherAddressThanItWasGivenFor() {
    for (String section : ConfigurationDocument.SECTIONS) {
      ConfigurationDocument kept = kept(section);
      String sealed = "{\"sealed\":\"" + reversed(SECRET) + "\"}";
      for (String secret : Arrays.asList(MARK, sealed, "{\"env\":\"SYNC2_PASSWORD\"}")) {
        refused(section, with(section, OTHER_URL, secret), kept);
        refused(
            section,
            ConfigurationDocument.parse("{\"" + section + "\":{\"password\":" + secret + "}}"),
            kept);
      }
      String anew = json(section, OTHER_URL, "\"new\"");
      assertEquals(
          anew, ConfigurationDocument.parse(anew).filled(kept, TestNode.NO_CERTIFICATES).json());
    }
  }

  @Test
  void aSealedTextIsTakenOnlyWhereItIsKept() {
    String stolen = "{\"sealed\":\"another ciphertext of this server\"}";
    ConfigurationDocument nothing = ConfigurationDocument.empty();
    for (String section : ConfigurationDocument.SECTIONS) {
      refused(section, with(section, URL, stolen), kept(section));
      refused(section, with(section, URL, stolen), nothing);
      refused(section, with(section, URL, MARK), nothing);
      String other = section.equals("parent") ? "local" : "parent";
      refused(
          section, with(section, URL, "{\"sealed\":\"" + reversed(SECRET) + "\"}"), kept(other));
    }
  }

  @Test
  void environmentGivesOnlyAllowedVariablesAndACheckHidesThem() {
    ConfigurationDocument nothing = ConfigurationDocument.empty();
    for (String section : ConfigurationDocument.SECTIONS) {
      for (String name : Arrays.asList("PATH", "OMRS_DB_PASSWORD", "sync2_x", "XSYNC2_", "")) {
        refused(section, with(section, URL, "{\"env\":\"" + name + "\"}"), nothing);
      }
      ConfigurationDocument named = with(section, URL, "{\"env\":\"SYNC2_PASSWORD\"}");
      assertEquals(named.json(), named.filled(nothing, TestNode.NO_CERTIFICATES).json());
      assertEquals(json(section, URL, "\"env\""), named.withoutEnvironment().json());
    }
  }

  @Test
  void aSectionOfTheDocumentReplacesTheDefault() {
    ConfigurationDocument defaults =
        ConfigurationDocument.parse(
            "{\"pull\": {\"enabled\": true}, \"audit\": {\"keepDays\": 1}}");
    ConfigurationDocument document = ConfigurationDocument.parse("{\"audit\": {}, \"node\": {}}");
    assertEquals(
        "{\"pull\":{\"enabled\":true},\"audit\":{},\"node\":{}}", document.over(defaults).json());
  }

  @Test
  void jsonThatIsNoObjectIsRefusedWithoutQuotingIt() {
    for (String json :
        Arrays.asList("", "[]", "\"" + SECRET + "\"", "{\"password\": " + SECRET, "{}{}")) {
      String message =
          assertThrows(SyncConfigurationException.class, () -> ConfigurationDocument.parse(json))
              .getMessage();
      assertFalse(message.contains(SECRET), message);
    }
  }
}
