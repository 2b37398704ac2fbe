package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.openmrs.sync2.Failures.assertFails;

import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The configuration in a database that no engine has been opened over yet. */
class StoredConfigurationTest {

  @Test
  void aDocumentIsKeptAndReplaced() throws Exception {
    SyncHost host = new JdbcHost(TestDatabases.h2());
    assertNull(SyncEngine.storedConfiguration(host, TestConfig.NATIVE));
    for (String document : new String[] {"{}", "{\"node\": {\"name\": \"Häuschen\"}}"}) {
      SyncEngine.storeConfiguration(document, host, TestConfig.NATIVE);
      assertEquals(document, SyncEngine.storedConfiguration(host, TestConfig.NATIVE));
    }
  }

  @Test
  void aDatabaseThatRefusesIsTold() throws Exception {
    SyncHost refusing =
        new ForwardingHost(new JdbcHost(TestDatabases.h2())) {
          @Override
          public long update(String statement, Object[] parameters) {
            throw new IllegalStateException("CREATE is denied to this user");
          }
        };
    String message =
        assertFails("Host", () -> SyncEngine.storedConfiguration(refusing, TestConfig.NATIVE))
            .getMessage();
    assertEquals(true, message.contains("give it that right"), message);
  }
}
