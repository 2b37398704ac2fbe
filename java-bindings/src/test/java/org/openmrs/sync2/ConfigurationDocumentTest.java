package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Where a password goes, and where it does not. */
class ConfigurationDocumentTest {

  private static final String SECRET = "not-a-secret";

  private static ConfigurationDocument withPassword(String url, String password) {
    return ConfigurationDocument.parse(
        "{\"parent\": {\"url\": \"" + url + "\", \"password\": " + password + "}}");
  }

  private static ConfigurationDocument kept() {
    return withPassword("https://parent.example.org", "\"" + SECRET + "\"")
        .sealed(ConfigurationDocumentTest::reversed);
  }

  private static String reversed(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  @Test
  void aPasswordIsSealedAndOpenedAgain() {
    assertFalse(kept().json().contains(SECRET));
    assertTrue(
        kept().opened(ConfigurationDocumentTest::reversed).json().contains("\"" + SECRET + "\""));
  }

  @Test
  void nobodyIsShownAPassword() {
    String mark =
        "{\"parent\":{\"url\":\"https://parent.example.org\",\"password\":{\"set\":true}}}";
    ConfigurationDocument open = kept().opened(ConfigurationDocumentTest::reversed);
    for (ConfigurationDocument document : Arrays.asList(kept(), open)) {
      assertEquals(mark, document.shown().json());
      assertEquals(mark, document.toString());
    }
  }

  @Test
  void whatIsShownCanBeWrittenBack() {
    assertEquals(kept().json(), kept().shown().filled(kept()).json());
  }

  @Test
  void aKeptPasswordIsNotSentToAnotherAddress() {
    ConfigurationDocument moved = withPassword("https://other.example.org", "{\"set\": true}");
    String message =
        assertThrows(SyncConfigurationException.class, () -> moved.filled(kept())).getMessage();
    assertTrue(message.startsWith("parent.password: "), message);
  }

  @Test
  void aMarkNeedsAPasswordThatIsKept() {
    assertThrows(
        SyncConfigurationException.class,
        () -> kept().shown().filled(ConfigurationDocument.empty()));
  }

  @Test
  void aNewPasswordAndAnEnvironmentVariableStayAsTheyAre() {
    for (String password : Arrays.asList("\"new\"", "{\"env\": \"PARENT_PASSWORD\"}")) {
      ConfigurationDocument document = withPassword("https://other.example.org", password);
      assertSame(document, document.filled(kept()));
    }
    ConfigurationDocument variable = withPassword("https://p.example.org", "{\"env\": \"P\"}");
    assertSame(variable, variable.sealed(ConfigurationDocumentTest::reversed).shown());
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
  void whatIsNoObjectIsRefusedWithoutQuotingIt() {
    for (String json :
        Arrays.asList("", "[]", "\"" + SECRET + "\"", "{\"password\": " + SECRET, "{}{}")) {
      String message =
          assertThrows(SyncConfigurationException.class, () -> ConfigurationDocument.parse(json))
              .getMessage();
      assertFalse(message.contains(SECRET), message);
    }
  }
}
