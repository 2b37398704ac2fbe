package org.openmrs.sync2;

import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** A node whose configuration is in memory and whose problems a test makes up. */
public final class TestNode implements SyncNode {

  /** None may be named: the folder is not there. */
  static final CertificateFiles NO_CERTIFICATES = new CertificateFiles(Paths.get("/not/there"));

  final List<String> problems = new ArrayList<>();

  /** Why there is no engine; null when there is one. */
  String closed;

  /** Whether its configuration cannot be saved. */
  boolean readOnly;

  private final SyncEngine engine;
  private final SyncRuns pulls;
  private final SyncRuns pushes;
  private ConfigurationDocument configuration = ConfigurationDocument.empty();

  /**
   * @param executor runs its pulls and pushes
   */
  public TestNode(SyncEngine engine, Executor executor) {
    this.engine = engine;
    this.pulls = SyncRuns.pulls(engine, executor);
    this.pushes = SyncRuns.pushes(engine, executor);
  }

  @Override
  public SyncEngine engine() {
    if (closed != null) {
      throw new SyncClosedException(closed);
    }
    return engine;
  }

  @Override
  public List<String> problems() {
    List<String> all = new ArrayList<>(problems);
    if (closed != null) {
      all.add(closed);
    }
    return all;
  }

  @Override
  public void perform(String direction, String runId) {
    (direction.equals("pull") ? pulls : pushes).perform(runId);
  }

  @Override
  public String configuration() {
    return configuration.shown().json();
  }

  @Override
  public void saveConfiguration(String document) {
    if (readOnly) {
      throw new UnsupportedOperationException("it is in a file");
    }
    configuration = ConfigurationDocument.parse(document);
  }

  @Override
  public List<String> checkConfiguration(String document) {
    String filled =
        ConfigurationDocument.parse(document).filled(configuration, NO_CERTIFICATES).json();
    return SyncEngine.checkConfig(filled, TestConfig.NATIVE);
  }
}
