package org.openmrs.sync2.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.openmrs.sync2.acceptance.compare.Database;
import org.openmrs.sync2.acceptance.compare.Databases;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.ParentFeed;
import org.openmrs.sync2.acceptance.server.SyncModule;
import org.openmrs.sync2.acceptance.server.SyncRun;

/**
 * The parent and the child of one run of the suite, with the metadata that its objects need.
 * Closing gives the module its earlier configuration back, if it had a parent by then.
 */
public final class TwoServers implements AutoCloseable {

  private final Options options;
  private final OpenMrsServer parent;
  private final OpenMrsServer child;
  private final SyncModule module;
  private final Names names;
  private final JsonNode earlierConfiguration;
  private final SyncConfiguration standard;
  private final Databases databases;
  private final Metadata metadata;
  private final ParentFeed feed;
  private final List<String> notes = new ArrayList<>();

  /** Of the child at the parent. */
  private final String account;

  private JsonNode configured;
  private final Set<String> unpublished = new TreeSet<>();

  private TwoServers(Options options) throws Exception {
    this.options = options;
    this.parent = new OpenMrsServer(options.parent(), options.login());
    this.child = new OpenMrsServer(options.child(), options.login());
    parent.logIn();
    child.logIn();
    this.module = new SyncModule(child);
    this.earlierConfiguration = module.configuration();
    this.standard =
        SyncConfiguration.standard(
            options.parentFromChild(),
            options.login(),
            earlierConfiguration,
            options.representation());
    this.account = options.login().username();
    this.databases = openDatabases(options);
    this.names = new Names(Long.toString(System.currentTimeMillis(), Character.MAX_RADIX));
    this.metadata = Metadata.create(parent, child, names.run());
    // A module that was never configured serves no feed yet.
    ParentScope.name(parent, account);
    this.feed = ParentFeed.of(parent, metadata.sentinel());
  }

  /**
   * Logs in to both, and makes the metadata.
   *
   * @throws IOException when a server cannot be reached or refuses something
   */
  static TwoServers connect(Options options) throws Exception {
    return new TwoServers(options);
  }

  /**
   * Configures the module and has the metadata synchronized.
   *
   * @throws CaseFailure when it cannot pull: no case could be judged
   */
  void prepare() throws Exception {
    configure(standard);
    bringMetadata();
  }

  private static Databases openDatabases(Options options) throws SQLException {
    return options.comparesDatabases()
        ? new Databases(Database.open(options.parentJdbc()), Database.open(options.childJdbc()))
        : null;
  }

  private void bringMetadata() throws Exception {
    feed.awaitEverything();
    for (Map.Entry<String, String> object : metadata.travelling().entrySet()) {
      if (feed.eventsOf(object.getKey(), object.getValue()).isEmpty()) {
        unpublished.add(object.getKey());
      }
    }
    // Also what the child has not pulled yet of earlier days: without it no case can be judged.
    mustComplete(module.pull());
    for (String category : unpublished) {
      mustComplete(module.pull(category, metadata.travelling().get(category)));
    }
  }

  public OpenMrsServer parent() {
    return parent;
  }

  public OpenMrsServer child() {
    return child;
  }

  public SyncModule module() {
    return module;
  }

  public ParentFeed feed() {
    return feed;
  }

  public Names names() {
    return names;
  }

  public Metadata metadata() {
    return metadata;
  }

  public Documents documents() {
    return new Documents(metadata, names);
  }

  /** The configuration that every case begins with. */
  public SyncConfiguration standard() {
    return standard;
  }

  /** Whether objects of a kind travel as FHIR in the present configuration. */
  public boolean travelsAsFhir(Kind kind) {
    return configured != null
        && configured
            .path("categories")
            .path(kind.category())
            .path("representation")
            .asText()
            .equals("fhir");
  }

  /** The same with everything that exists in both in one representation. */
  public SyncConfiguration standardIn(String representation) {
    return SyncConfiguration.standard(
        options.parentFromChild(), options.login(), earlierConfiguration, representation);
  }

  /** Keeps a remark for the result of the case that is running. */
  public void note(String remark) {
    if (!notes.contains(remark)) {
      notes.add(remark);
    }
  }

  /** The remarks since the last call. */
  List<String> takeNotes() {
    List<String> taken = List.copyOf(notes);
    notes.clear();
    return taken;
  }

  /** Both databases; empty when the command line does not give them. */
  public Optional<Databases> databases() {
    return Optional.ofNullable(databases);
  }

  /** The categories whose objects the parent's feed does not tell of. */
  Set<String> unpublished() {
    return unpublished;
  }

  /** How to stop and start the parent. */
  public ParentProcess parentProcess() {
    return options
        .parentProcess()
        .orElseThrow(() -> new CaseSkipped("needs --parent-stop and --parent-start"));
  }

  /** How to copy the parent's database and put it back. */
  public ParentBackup parentBackup() {
    return options
        .parentBackup()
        .orElseThrow(() -> new CaseSkipped("needs --parent-backup and --parent-restore"));
  }

  /** The module's file. */
  public Path omod() {
    return options.omod().orElseThrow(() -> new CaseSkipped("needs --omod"));
  }

  /** How many objects of each class the child holds after a full collection. */
  public Histogram childHistogram() throws Exception {
    return Histogram.printedBy(
        options.childHistogram().orElseThrow(() -> new CaseSkipped("needs --child-histogram")));
  }

  /** The child's access log. */
  public Path childAccessLog() {
    return options.childAccessLog().orElseThrow(() -> new CaseSkipped("needs --child-access-log"));
  }

  /** How many patients a large case makes. */
  public int patients() {
    return options.patients();
  }

  /** What the servers run, for the heading of the result. */
  Versions versions() throws IOException {
    return Versions.of(this);
  }

  /** Has the module go on with this configuration, if it is another one than it has. */
  public void configure(SyncConfiguration configuration) throws IOException {
    JsonNode document = configuration.document();
    if (!document.equals(configured)) {
      configured = null;
      module.configure(document);
      configured = document;
    }
  }

  /** Pulls what has been written at the parent so far, and expects that the run completes. */
  public SyncRun synchronize() throws Exception {
    feed.awaitEverything();
    return mustComplete(module.pull());
  }

  /** Pulls an object that was written at the parent, by name where no feed tells of it. */
  public void synchronize(Kind kind, String uuid) throws Exception {
    synchronize();
    if (unpublished.contains(kind.category())) {
      pullByName(kind, uuid);
    }
  }

  /** Pulls one object, whatever the feed tells of it. */
  public void pullByName(Kind kind, String uuid) throws Exception {
    mustComplete(module.pull(kind.category(), uuid));
  }

  /** Pushes what has been written at the child so far, and expects that the run completes. */
  public SyncRun push() throws Exception {
    return mustComplete(module.push());
  }

  /** Pushes one object with what belongs to it, whatever was pushed before. */
  public void pushByName(Kind kind, String uuid) throws Exception {
    mustComplete(module.push(kind.category(), uuid));
  }

  /** Objects that are edited at the parent, and pulled. */
  public Way pulling() {
    return new Way(this, Direction.PULL);
  }

  /**
   * Objects that are edited at the child, and pushed.
   *
   * @throws CaseSkipped when the parent does not have the module
   */
  public Way pushing() {
    if (!feed.isOwn()) {
      throw new CaseSkipped("needs the module on the parent, too");
    }
    return new Way(this, Direction.PUSH);
  }

  static SyncRun mustComplete(SyncRun run) {
    CaseFailure.unless(run.state().equals("completed"), run.toString());
    return run;
  }

  /**
   * Gives the module back what it was configured with.
   *
   * @throws IOException when the module does not take it: a password that belonged to another
   *     address cannot be given back
   */
  @Override
  public void close() throws IOException, SQLException {
    if (databases != null) {
      databases.parent().close();
      databases.child().close();
    }
    // A module that had no parent yet takes no configuration without one.
    if (earlierConfiguration.has("parent")) {
      module.configure(earlierConfiguration);
    }
  }
}
