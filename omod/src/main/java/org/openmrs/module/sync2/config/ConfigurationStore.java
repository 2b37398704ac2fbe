package org.openmrs.module.sync2.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.openmrs.sync2.CertificateFiles;
import org.openmrs.sync2.ConfigurationDocument;
import org.openmrs.sync2.SyncConfigurationException;
import org.openmrs.sync2.SyncEngine;
import org.openmrs.sync2.SyncHost;
import org.springframework.util.StreamUtils;

/**
 * The configuration document in OpenMRS's database, its password sealed. Sections that it leaves
 * out are those of {@code sync2-default-config.json}.
 *
 * <p>Every method blocks on the database, on the calling thread, which needs an OpenMRS session and
 * no transaction. Failures are {@link org.openmrs.sync2.SyncException}s.
 */
public final class ConfigurationStore {

  private static final String DEFAULTS = "/sync2-default-config.json";

  private final SyncHost host;
  private final Path nativeDirectory;
  private final PasswordSeal seal;
  private final CertificateFiles certificates;

  /**
   * @param nativeDirectory where the native library is unpacked to
   * @param certificates from where the certificates of the parent's authority may be
   */
  public ConfigurationStore(
      SyncHost host, Path nativeDirectory, PasswordSeal seal, CertificateFiles certificates) {
    this.host = host;
    this.certificates = certificates;
    this.nativeDirectory = nativeDirectory;
    this.seal = seal;
  }

  /** Returns the configuration of a module as long as nobody says otherwise. */
  public static ConfigurationDocument defaults() {
    try (InputStream json = ConfigurationStore.class.getResourceAsStream(DEFAULTS)) {
      return ConfigurationDocument.parse(StreamUtils.copyToString(json, UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(DEFAULTS + " cannot be read from the module", e);
    }
  }

  /**
   * Returns the configuration to open an engine with, password included; empty when nobody has
   * configured anything.
   */
  public Optional<ConfigurationDocument> forEngine() {
    return kept().map(kept -> kept.opened(seal::open).over(defaults()));
  }

  /** Returns the configuration for people: with a mark in the place of the password. */
  public ConfigurationDocument shown() {
    return kept().orElse(ConfigurationDocument.empty()).over(defaults()).shown();
  }

  /**
   * Checks a document that {@link #shown()} gave and somebody edited.
   *
   * @return what is allowed but can hardly be meant, a sentence each
   * @throws SyncConfigurationException naming every field that is wrong
   */
  public List<String> check(String document) {
    return check(filled(document).withoutEnvironment());
  }

  /**
   * Checks a document and keeps it.
   *
   * @throws SyncConfigurationException naming every field that is wrong
   */
  public void save(String document) {
    ConfigurationDocument filled = filled(document);
    check(filled);
    String sealed = filled.sealed(seal::seal).json();
    SyncEngine.storeConfiguration(sealed, host, nativeDirectory);
  }

  private ConfigurationDocument filled(String document) {
    ConfigurationDocument kept = kept().orElse(ConfigurationDocument.empty());
    return ConfigurationDocument.parse(document).filled(kept, certificates);
  }

  private List<String> check(ConfigurationDocument filled) {
    ConfigurationDocument complete = filled.opened(seal::open).over(defaults());
    return SyncEngine.checkConfig(complete.json(), nativeDirectory);
  }

  private Optional<ConfigurationDocument> kept() {
    String document = SyncEngine.storedConfiguration(host, nativeDirectory);
    return Optional.ofNullable(document).map(ConfigurationDocument::parse);
  }
}
