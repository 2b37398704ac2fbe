package org.openmrs.module.sync2.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncConfigurationException;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The configuration from the first start to the one that the engine runs with. */
class ConfigurationStoreTest {

  private static final Path NATIVE = Paths.get("build", "native-unpacked");
  private static final String PASSWORD = "not-a-secret";
  private static final String PARENT =
      "{\"parent\": {\"url\": \"https://parent.example.org/openmrs\", \"username\": \"sync\","
          + " \"password\": \""
          + PASSWORD
          + "\"}}";

  private SyncHost host;
  private ConfigurationStore store;

  @BeforeEach
  void open() throws Exception {
    host = new JdbcHost(TestDatabases.h2());
    store = new ConfigurationStore(host, NATIVE, new ReversingSeal());
  }

  @Test
  void atTheFirstStartThereAreOnlyDefaults() {
    assertFalse(store.forEngine().isPresent());
    assertEquals(ConfigurationStore.defaults().json(), store.shown().json());
  }

  @Test
  void theParentIsAllThatHasToBeGiven() {
    assertEquals(Collections.emptyList(), store.check(PARENT));
    assertFalse(store.forEngine().isPresent());
    store.save(PARENT);
    String document = store.forEngine().get().json();
    assertTrue(document.contains("\"password\":\"" + PASSWORD + "\""), document);
    assertTrue(document.contains("\"observation\":{\"representation\":\"rest\"}"), document);
  }

  @Test
  void thePasswordIsNeitherKeptNorShown() {
    store.save(PARENT);
    assertFalse(SyncEngine.storedConfiguration(host, NATIVE).contains(PASSWORD));
    assertFalse(store.shown().json().contains(PASSWORD));
  }

  @Test
  void whatIsShownAndWrittenBackKeepsThePassword() {
    store.save(PARENT);
    String before = store.forEngine().get().json();
    store.save(store.shown().json());
    assertEquals(before, store.forEngine().get().json());
  }

  @Test
  void aWrongDocumentChangesNothing() {
    store.save(PARENT);
    String before = store.shown().json();
    String wrong = "{\"transfer\": {\"batchSize\": 0}, \"categories\": {\"unicorn\": {}}}";
    String message =
        assertThrows(SyncConfigurationException.class, () -> store.save(wrong)).getMessage();
    assertTrue(message.contains("transfer.batchSize"), message);
    assertTrue(message.contains("categories.unicorn"), message);
    assertEquals(before, store.shown().json());
  }

  private static final class ReversingSeal implements PasswordSeal {

    @Override
    public String seal(String password) {
      return new StringBuilder(password).reverse().toString();
    }

    @Override
    public String open(String sealed) {
      return seal(sealed);
    }
  }
}
