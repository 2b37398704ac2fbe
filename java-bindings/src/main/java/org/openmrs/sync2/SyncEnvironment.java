package org.openmrs.sync2;

import java.io.IOException;
import java.net.Authenticator;
import java.net.Authenticator.RequestorType;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The environment that the program gives an engine, besides its host: where the native library
 * goes, where the node's id is kept beside the database, whom to trust, through which proxy the
 * parent is reached, and clients and filters of its own. The engine knows nothing of the JVM's
 * network settings; {@link #ofJvm(String)} reads them.
 */
public final class SyncEnvironment {

  private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private Path nativeDirectory = Paths.get(System.getProperty("user.home"), ".sync2");
  private final Settings settings = new Settings();
  private final List<SyncClient> clients = new ArrayList<>();
  private final List<SyncFilter> filters = new ArrayList<>();

  /**
   * The native library in {@code .sync2} in the user's home, the system's certificates, no proxy,
   * no data directory.
   */
  public SyncEnvironment() {}

  /**
   * The trust store and the proxy that this JVM uses: those of its default {@link
   * TrustManagerFactory} and {@link ProxySelector}, and for the proxy's user name and password its
   * default {@link Authenticator}. Read now; later changes have no effect.
   *
   * @param parentUrl the address that a proxy is asked for; null when there is no parent
   * @throws SyncConfigurationException when the trust store cannot be read, the address is none, or
   *     the proxy is of a kind that is not supported (SOCKS)
   */
  public static SyncEnvironment ofJvm(String parentUrl) {
    SyncEnvironment environment = new SyncEnvironment();
    environment.trustedCertificates(certificatesOfJvm());
    if (parentUrl != null) {
      environment.useProxyOfJvm(uri(parentUrl));
    }
    return environment;
  }

  /**
   * @param nativeDirectory where the native library is unpacked to, see {@link NativeLibrary}
   */
  public SyncEnvironment nativeDirectory(Path nativeDirectory) {
    this.nativeDirectory = nativeDirectory;
    return this;
  }

  /**
   * Where the node's id is kept besides the database, in the file {@code sync2-node-id}. When the
   * two differ one of them was copied from another server: nothing is pulled or pushed then until
   * somebody chooses, see {@link SyncEngine#chooseNode}. Without it a copied database is not
   * noticed.
   *
   * @param dataDirectory exists, is of this server alone, and not copied with its database
   */
  public SyncEnvironment dataDirectory(Path dataDirectory) {
    settings.dataDirectory = dataDirectory.toAbsolutePath().toString();
    return this;
  }

  /**
   * The certificates that an https parent's certificate may be issued by, in place of the system's;
   * {@code parent.caFile} adds to them. Those that are of no use are left out with a warning.
   */
  public SyncEnvironment trustedCertificates(Collection<X509Certificate> certificates) {
    StringBuilder pem = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      pem.append("-----BEGIN CERTIFICATE-----\n")
          .append(PEM.encodeToString(encoded(certificate)))
          .append("\n-----END CERTIFICATE-----\n");
    }
    settings.trustedCertificates = pem.toString();
    return this;
  }

  /**
   * The proxy that all requests to the parent go through.
   *
   * @param url such as {@code http://proxy.example.org:3128}, without credentials
   */
  public SyncEnvironment proxy(String url) {
    return proxy(url, null, null);
  }

  /** The proxy that all requests to the parent go through, and what it asks for. */
  public SyncEnvironment proxy(String url, String username, String password) {
    settings.proxy = new NetworkProxy(url, username, password);
    return this;
  }

  /** Ways to get objects, asked in this order before the engine's own. */
  public SyncEnvironment clients(Collection<? extends SyncClient> clients) {
    this.clients.addAll(clients);
    return this;
  }

  /** Rules that leave records out, besides those of the configuration. */
  public SyncEnvironment filters(Collection<? extends SyncFilter> filters) {
    this.filters.addAll(filters);
    return this;
  }

  Object[] clients() {
    return clients.toArray();
  }

  Object[] filters() {
    return filters.toArray();
  }

  Path nativeDirectory() {
    return nativeDirectory;
  }

  /** The address of the proxy; null when there is none. */
  String proxyUrl() {
    return settings.proxy == null ? null : settings.proxy.url;
  }

  /**
   * Returns the settings for the native library, but for objects. Holds a password: not to be
   * logged.
   */
  byte[] settingsJson() {
    return Json.write(settings);
  }

  private static List<X509Certificate> certificatesOfJvm() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      List<X509Certificate> certificates = new ArrayList<>();
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager) {
          certificates.addAll(Arrays.asList(((X509TrustManager) manager).getAcceptedIssuers()));
        }
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw wrong("the trust store of this JVM cannot be read: " + e.getMessage());
    }
  }

  private void useProxyOfJvm(URI parent) {
    ProxySelector selector = ProxySelector.getDefault();
    List<Proxy> choices = selector == null ? new ArrayList<>() : selector.select(parent);
    if (choices == null || choices.isEmpty() || choices.get(0).type() == Proxy.Type.DIRECT) {
      return;
    }
    Proxy proxy = choices.get(0);
    if (proxy.type() != Proxy.Type.HTTP) {
      throw wrong(
          "this JVM reaches the parent through a SOCKS proxy; only HTTP proxies can be used");
    }
    InetSocketAddress address = (InetSocketAddress) proxy.address();
    String host = address.getHostString();
    String url =
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    PasswordAuthentication answer = authenticationOfJvm(parent, address);
    if (answer == null) {
      proxy(url);
    } else {
      proxy(url, answer.getUserName(), new String(answer.getPassword()));
    }
  }

  /**
   * Returns the answer of the JVM's own HTTP connections to the proxy; null when they would not.
   */
  private static PasswordAuthentication authenticationOfJvm(URI parent, InetSocketAddress proxy) {
    try {
      return Authenticator.requestPasswordAuthentication(
          proxy.getHostString(),
          proxy.getAddress(),
          proxy.getPort(),
          parent.getScheme(),
          "",
          "Basic",
          parent.toURL(),
          RequestorType.PROXY);
    } catch (IOException e) {
      throw wrong("the parent's address is not a url: " + e.getMessage());
    }
  }

  private static URI uri(String parentUrl) {
    try {
      URI uri = new URI(parentUrl);
      if (uri.getScheme() != null && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, without repeating what may hold a password.
    }
    throw wrong("the parent's address is not a url");
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw wrong("a trusted certificate cannot be written: " + e.getMessage());
    }
  }

  private static SyncConfigurationException wrong(String message) {
    return new SyncConfigurationException(message, null, SyncException.NO_WAIT);
  }

  /** As the native library reads it. */
  private static final class Settings {
    private String trustedCertificates;
    private NetworkProxy proxy;
    private String dataDirectory;
    private final Zone zone = new Zone(ZoneId.systemDefault());
  }

  /** The JVM's zone, which the host's times are in. */
  private static final class Zone {

    /** Of two changes a year that is ten years. */
    private static final int MOST_CHANGES = 20;

    private final String name;
    private final List<long[]> offsets = new ArrayList<>();

    Zone(ZoneId zone) {
      name = zone.getId();
      Instant from = Instant.EPOCH;
      ZoneOffsetTransition change = zone.getRules().previousTransition(Instant.now());
      if (change != null) {
        from = change.getInstant();
      }
      offsets.add(offset(from, zone.getRules().getOffset(Instant.now())));
      change = zone.getRules().nextTransition(Instant.now());
      while (change != null && offsets.size() < MOST_CHANGES) {
        offsets.add(offset(change.getInstant(), change.getOffsetAfter()));
        change = zone.getRules().nextTransition(change.getInstant());
      }
    }

    private static long[] offset(Instant from, ZoneOffset offset) {
      return new long[] {from.toEpochMilli(), offset.getTotalSeconds()};
    }
  }

  private static final class NetworkProxy {
    private final String url;
    private final String username;
    private final String password;

    NetworkProxy(String url, String username, String password) {
      this.url = url;
      this.username = username;
      this.password = password;
    }
  }
}
