package org.openmrs.module.sync2.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.CertificateFiles;
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

  private static final String LOCAL =
      "{\"pull\": {\"enabled\": false}, \"local\": {\"access\": \"http\", \"url\":"
          + " \"http://localhost:8080/openmrs\", \"username\": \"sync\", \"password\": \""
          + PASSWORD
          + "\"}}";

  @TempDir Path directory;

  private SyncHost host;
  private ConfigurationStore store;

  @BeforeEach
  void open() throws Exception {
    host = new JdbcHost(TestDatabases.h2());
    store =
        new ConfigurationStore(host, NATIVE, new ReversingSeal(), new CertificateFiles(directory));
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
  void noPasswordIsKeptOrShown() {
    for (String document : new String[] {PARENT, LOCAL}) {
      store.save(document);
      assertFalse(SyncEngine.storedConfiguration(host, NATIVE).contains(PASSWORD));
      assertFalse(store.shown().json().contains(PASSWORD));
      assertFalse(store.forEngine().get().toString().contains(PASSWORD));
      assertTrue(store.forEngine().get().json().contains(PASSWORD));
    }
  }

  @Test
  void checkAnswersAlikeWhetherAVariableIsThereOrNot() {
    String named = PARENT.replace("\"" + PASSWORD + "\"", "{\"env\": \"SYNC2_NOT_SET\"}");
    assertEquals(Collections.emptyList(), store.check(named));
    String path = PARENT.replace("\"" + PASSWORD + "\"", "{\"env\": \"PATH\"}");
    String missing = PARENT.replace("\"" + PASSWORD + "\"", "{\"env\": \"NOT_SET\"}");
    assertEquals(refusal(path), refusal(missing));
  }

  @Test
  void certificateFileIsCheckedAndReadBeforeAnythingIsKept() throws Exception {
    Path good = Files.write(directory.resolve("ca.pem"), new byte[10]);
    Path large = Files.write(directory.resolve("large.pem"), new byte[(1 << 20) + 1]);
    Path link = Files.createSymbolicLink(directory.resolve("link"), Paths.get("/dev/zero"));
    String elsewhere = refusal(withCertificates("/etc/passwd"));
    assertEquals(elsewhere, refusal(withCertificates("/not/there")));
    assertEquals(elsewhere, refusal(withCertificates(directory + "/../../etc/passwd")));
    assertEquals(elsewhere, refusal(withCertificates("ca.pem")));
    assertEquals(elsewhere, refusal(withCertificates(link.toString())));
    for (Path bad : new Path[] {large, directory, directory.resolve("never")}) {
      assertTrue(refusal(withCertificates(bad.toString())).startsWith("parent.caFile: "));
    }
    assertFalse(store.forEngine().isPresent());
    store.save(withCertificates(good.toString()));
    assertTrue(store.forEngine().isPresent());
  }

  private static String withCertificates(String file) {
    return PARENT.replace("\"url\"", "\"caFile\": \"" + file + "\", \"url\"");
  }

  private String refusal(String document) {
    String checked =
        assertThrows(SyncConfigurationException.class, () -> store.check(document)).getMessage();
    String saved =
        assertThrows(SyncConfigurationException.class, () -> store.save(document)).getMessage();
    assertEquals(checked, saved);
    return saved;
  }

  @Test
  void shownConfigurationWrittenBackKeepsThePassword() {
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
