package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** The engine uses the trust store and the proxy that it is given, and those of the JVM. */
class SyncEnvironmentTest {

  private static final String PARENT = "http://parent.example.org/openmrs";

  private final ProxySelector selectorBefore = ProxySelector.getDefault();

  @AfterEach
  void putBack() {
    ProxySelector.setDefault(selectorBefore);
    Authenticator.setDefault(null);
  }

  @Test
  void theTrustStoreOfTheJvmIsUsed() throws Exception {
    SyncEnvironment environment = ofJvm("https://parent.example.org/openmrs");
    String pem = network(environment).get("trustedCertificates").asText();
    assertTrue(pem.startsWith("-----BEGIN CERTIFICATE-----\n"), pem);
    // TLS is set up from them: this fails when they cannot be read.
    open("https://parent.example.org/openmrs", environment).close();
  }

  @Test
  void theParentIsReachedThroughTheProxyOfTheJvm() throws Exception {
    try (OnePatientParent behind = new OnePatientParent()) {
      URI address = URI.create(behind.url());
      selectProxy(
          new Proxy(Proxy.Type.HTTP, new InetSocketAddress(address.getHost(), address.getPort())));
      SyncEnvironment environment = ofJvm(PARENT);
      assertEquals("http://127.0.0.1:" + address.getPort(), environment.proxyUrl());
      try (SyncEngine engine = open(PARENT, environment)) {
        SyncConnectionTest test = engine.connectionTest();
        // Nobody but the proxy answers for this name.
        assertTrue(check(test, "proxyConnect").ok());
        assertTrue(check(test, "logIn").ok());
      }
    }
  }

  @Test
  void theProxyIsGivenWhatTheJvmWouldGiveIt() throws Exception {
    selectProxy(proxy(Proxy.Type.HTTP));
    Authenticator.setDefault(
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            assertEquals(RequestorType.PROXY, getRequestorType());
            assertEquals("proxy.example.org", getRequestingHost());
            return new PasswordAuthentication("user", "not-a-secret".toCharArray());
          }
        });
    JsonNode proxy = network(ofJvm(PARENT)).get("proxy");
    assertEquals("http://proxy.example.org:3128", proxy.get("url").asText());
    assertEquals("user", proxy.get("username").asText());
    assertEquals("not-a-secret", proxy.get("password").asText());
  }

  @Test
  void withoutAProxyOrAParentThereIsNone() {
    selectProxy(Proxy.NO_PROXY);
    assertNull(ofJvm(PARENT).proxyUrl());
    selectProxy(proxy(Proxy.Type.HTTP));
    assertNull(ofJvm(null).proxyUrl());
  }

  @Test
  void aProxyThatCannotBeUsedIsRefusedWithoutItsPassword() {
    selectProxy(proxy(Proxy.Type.SOCKS));
    assertThrows(SyncConfigurationException.class, () -> ofJvm(PARENT));
    SyncEnvironment wrong =
        new SyncEnvironment()
            .nativeDirectory(TestConfig.NATIVE)
            .proxy("http://user:not-a-secret@proxy.example.org");
    SyncConfigurationException thrown =
        assertThrows(SyncConfigurationException.class, () -> open(PARENT, wrong));
    assertFalse(thrown.getMessage().contains("not-a-secret"), thrown.getMessage());
  }

  @Test
  void aParentWithoutAnAddressIsRefused() {
    for (String url : new String[] {"", "parent", "http://", "not a url"}) {
      assertThrows(SyncConfigurationException.class, () -> ofJvm(url), url);
    }
  }

  private static SyncEnvironment ofJvm(String parentUrl) {
    return SyncEnvironment.ofJvm(parentUrl).nativeDirectory(TestConfig.NATIVE);
  }

  private static SyncEngine open(String parentUrl, SyncEnvironment environment) throws Exception {
    JdbcHost host = new JdbcHost(TestDatabases.h2());
    return SyncEngine.open(TestConfig.forParent(parentUrl), host, environment);
  }

  private static SyncConnectionTest.Check check(SyncConnectionTest test, String name) {
    Predicate<SyncConnectionTest.Check> named = check -> check.name().equals(name);
    return test.checks().stream()
        .filter(named)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError(name + " is not among " + Json.MAPPER.valueToTree(test)));
  }

  private static JsonNode network(SyncEnvironment environment) throws IOException {
    return Json.MAPPER.readTree(new String(environment.settingsJson(), UTF_8));
  }

  private static Proxy proxy(Proxy.Type type) {
    return new Proxy(type, InetSocketAddress.createUnresolved("proxy.example.org", 3128));
  }

  private static void selectProxy(Proxy proxy) {
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            return Collections.singletonList(proxy);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
  }
}
