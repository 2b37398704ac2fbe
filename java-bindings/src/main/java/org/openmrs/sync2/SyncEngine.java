package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openmrs.sync2.SyncApi.Request;
import org.openmrs.sync2.SyncApi.Response;

/**
 * A sync engine: pulls what changed at the parent into the program that it runs in, and pushes what
 * was changed here to the parent.
 *
 * <p>All methods may be called from any thread. The thread that pulls or pushes does all work of
 * the {@link SyncHost}, and must not have a transaction. From inside a callback of the host only
 * {@link #status()} and {@link #cancel()} can be called; the others throw {@link
 * SyncAlreadyRunningException}, since they would wait for themselves.
 *
 * <p>Failures are {@link SyncException}s. After {@link #close()} every method throws {@link
 * SyncClosedException}.
 */
public final class SyncEngine implements AutoCloseable {

  private final long handle;

  private SyncEngine(long handle) {
    this.handle = handle;
  }

  /**
   * Opens an engine, with the native library unpacked to {@code .sync2} in the user's home.
   *
   * @see #open(String, SyncHost, Path)
   */
  public static SyncEngine open(String configJson, SyncHost host) {
    return open(configJson, host, Paths.get(System.getProperty("user.home"), ".sync2"));
  }

  /**
   * Opens an engine: checks the configuration, makes or updates the engine's tables, starts its
   * threads. Blocks on the database, not on the network.
   *
   * @param configJson the configuration, one JSON document
   * @param host stays referenced until {@link #close()}
   * @param nativeDirectory where the native library is unpacked to, see {@link NativeLibrary}
   * @throws SyncConfigurationException naming every field that is wrong
   * @throws SyncException of kind {@code Host}, when the database fails
   */
  public static SyncEngine open(String configJson, SyncHost host, Path nativeDirectory) {
    return open(configJson, host, new SyncEnvironment().nativeDirectory(nativeDirectory));
  }

  /**
   * Opens an engine, as {@link #open(String, SyncHost, Path)} does, with what else the program
   * around it has to give.
   *
   * @param environment read now; later changes have no effect
   * @throws SyncConfigurationException also when the proxy or a certificate cannot be used
   */
  public static SyncEngine open(String configJson, SyncHost host, SyncEnvironment environment) {
    NativeLibrary.load(environment.nativeDirectory());
    return new SyncEngine(
        Native.open(
            configJson.getBytes(UTF_8),
            host,
            environment.settingsJson(),
            environment.clients(),
            environment.filters()));
  }

  /**
   * Checks a configuration without opening anything.
   *
   * @param nativeDirectory where the native library is unpacked to, see {@link NativeLibrary}
   * @return what is allowed but can hardly be meant, one sentence each, such as that nothing is
   *     pulled
   * @throws SyncConfigurationException naming every field that is wrong
   */
  public static List<String> checkConfig(String configJson, Path nativeDirectory) {
    NativeLibrary.load(nativeDirectory);
    byte[] warnings = Native.checkConfig(configJson.getBytes(UTF_8));
    return Arrays.asList(Json.read(warnings, String[].class));
  }

  /**
   * The configuration document that the host's database keeps. Makes or updates the engine's tables
   * first. Blocks on the database.
   *
   * @param nativeDirectory where the native library is unpacked to, see {@link NativeLibrary}
   * @return null when none was stored yet
   * @throws SyncException of kind {@code Host}, when the database fails, or its user may not create
   *     tables
   */
  public static String storedConfiguration(SyncHost host, Path nativeDirectory) {
    NativeLibrary.load(nativeDirectory);
    byte[] document = Native.storedConfiguration(host);
    return document == null ? null : new String(document, UTF_8);
  }

  /**
   * Keeps a configuration document in the host's database, unchecked: its secrets may be sealed.
   * Changes no engine that is open. Blocks on the database.
   *
   * @param nativeDirectory where the native library is unpacked to, see {@link NativeLibrary}
   * @throws SyncException of kind {@code Host}, when the database fails
   */
  public static void storeConfiguration(String document, SyncHost host, Path nativeDirectory) {
    NativeLibrary.load(nativeDirectory);
    Native.storeConfiguration(host, document.getBytes(UTF_8));
  }

  /**
   * Which fields of an object are asked for over OpenMRS REST: the value of the parameter {@code
   * v}. A host that reads with the same view writes its objects as the parent does. Needs no open
   * engine, but the native library: an engine was opened, or a configuration checked, before.
   *
   * @param category such as {@code patient}
   * @return {@code custom:(…)}, or {@code full} for a category that has no view of its own
   * @throws SyncConfigurationException when there is no such category
   */
  public static String restView(String category) {
    return Native.restView(category);
  }

  /**
   * Every kind of object that this version synchronizes, what others refer to first. Needs no open
   * engine, but the native library, as {@link #restView} does.
   */
  public static List<SyncKind> kinds() {
    return Collections.unmodifiableList(Arrays.asList(Json.read(Native.kinds(), SyncKind[].class)));
  }

  /**
   * Pulls until nothing is left or the run is stopped. Blocks on the network and the database,
   * possibly for hours; {@link #cancel()} from another thread ends it soon.
   *
   * @return what the run did; a run that was interrupted or cancelled says so in its state
   * @throws SyncAlreadyRunningException when a pull is under way, here or on another server
   * @throws SyncConfigurationException when this node has no parent, or two ids (see {@link
   *     #chooseNode})
   */
  public SyncRun pull() {
    return perform(announce("pull"));
  }

  /**
   * Pushes what was changed here to the parent, until nothing is left or the run is stopped. Blocks
   * as {@link #pull()} does, which may be under way on another thread meanwhile.
   *
   * @return what the run did; a run that was interrupted or cancelled says so in its state
   * @throws SyncAlreadyRunningException when a push is under way, here or on another server
   * @throws SyncConfigurationException when this node has no parent, or two ids (see {@link
   *     #chooseNode})
   */
  public SyncRun push() {
    return perform(announce("push"));
  }

  /**
   * Pulls one object that somebody asks for by name, whatever the filters say of it, what hangs on
   * it at the parent, and what these refer to and is missing here. Moves no marker; what goes wrong
   * with the object is parked and tried again by later pulls. Blocks as {@link #pull()} does.
   *
   * @param category such as {@code patient}
   * @return what the run, whose kind is {@code object}, did
   * @throws SyncConfigurationException when there is no parent, when the category is unknown or not
   *     pulled, or when the uuid is none
   * @throws SyncAlreadyRunningException when a pull is under way, here or on another server
   */
  public SyncRun pullObject(String category, String uuid) {
    return perform(announce("pull", category, uuid));
  }

  /**
   * Makes a run of a direction's feed known: it is told of from now on, and none begins beside it.
   *
   * @return its id, for {@link #perform}
   */
  String announce(String direction) {
    return Native.announce(handle, Json.write(Collections.singletonMap("direction", direction)));
  }

  /** The same of a run of one object. */
  String announce(String direction, String category, String uuid) {
    ObjectNode wanted = Json.MAPPER.createObjectNode().put("direction", direction);
    wanted.putObject("object").put("category", category).put("uuid", uuid);
    return Native.announce(handle, Json.write(wanted));
  }

  /** Does what was announced, on this thread. */
  SyncRun perform(String runId) {
    return Json.read(Native.perform(handle, runId), SyncRun.class);
  }

  /** Tells that the run that was announced will not begin. */
  void withdraw(String runId, String why) {
    Native.withdraw(handle, runId, why);
  }

  /**
   * Tries what a pull needs of the parent, step by step, and changes nothing. Blocks on the network
   * for two minutes at the most, without a transaction, also while a pull is under way.
   *
   * @throws SyncConfigurationException when there is no parent, or TLS cannot be set up
   */
  public SyncConnectionTest connectionTest() {
    byte[] test = ask(Request.ofProgram("connection-test", Json.MAPPER.createObjectNode())).value();
    return Json.read(test, SyncConnectionTest.class);
  }

  /**
   * Checks before the first sync this server, the line and the parent, and changes nothing. Blocks
   * on the database, and then on the network for four minutes at the most, without a transaction.
   *
   * @throws SyncConfigurationException when there is no parent, or TLS cannot be set up
   */
  public SyncPreflight preflight() {
    byte[] preflight = ask(Request.ofProgram("preflight", Json.MAPPER.createObjectNode())).value();
    return Json.read(preflight, SyncPreflight.class);
  }

  /** Returns what the engine is doing and how the last run ended. In memory; never blocks. */
  public SyncStatus status() {
    return Json.read(get("status", ""), SyncStatus.class);
  }

  /**
   * Asks the runs that are under way, if any, to stop after what they have begun. Does not wait.
   */
  public void cancel() {
    ask(Request.ofProgram("cancel", Json.MAPPER.createObjectNode())).value();
  }

  /**
   * The audit: what became of each event. One search looks at 20,000 messages at the most where no
   * index finds what is wanted.
   *
   * @return a JSON object, UTF-8: {@code messages}, the newest first; {@code next}, to go on {@link
   *     AuditQuery#after after}, and {@code lookedBackTo}, the time of the last message that was
   *     looked at, in milliseconds since 1970, both null when there are no more
   */
  public byte[] audit(AuditQuery query) {
    return get("audit", query.written());
  }

  /**
   * One audit message.
   *
   * @return a JSON object, UTF-8; null when there is none with that uuid
   */
  public byte[] auditMessage(String uuid) {
    return one("audit/" + uuid);
  }

  /**
   * One run.
   *
   * @return a JSON object, UTF-8; null when there is none with that id
   */
  public byte[] run(String id) {
    return one("runs/" + id);
  }

  /**
   * The runs, newest first.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8
   */
  public byte[] runs(long limit, long offset) {
    return get("runs", "limit=" + limit + "&offset=" + offset);
  }

  /**
   * The runs that come in that list after one of them, also when it is gone by now. However far
   * back, a page takes as long as the first.
   *
   * @param limit 1 to 1000
   * @param cursor that of the last row that was read
   * @return a JSON array, UTF-8
   */
  public byte[] runs(long limit, String cursor) {
    return get("runs", "limit=" + limit + "&after=" + Request.encoded(cursor));
  }

  /**
   * The records that wait for something or somebody.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8
   */
  public byte[] parked(long limit, long offset) {
    return get("parked", "limit=" + limit + "&offset=" + offset);
  }

  /**
   * The records that come in that list after one of them, also when it is gone by now. However far
   * back, a page takes as long as the first.
   *
   * @param limit 1 to 1000
   * @param cursor that of the last row that was read
   * @return a JSON array, UTF-8
   */
  public byte[] parked(long limit, String cursor) {
    return get("parked", "limit=" + limit + "&after=" + Request.encoded(cursor));
  }

  /**
   * The objects that both sides changed.
   *
   * @param limit 1 to 1000
   * @return a JSON array, UTF-8
   */
  public byte[] conflicts(long limit, long offset) {
    return get("conflicts", "limit=" + limit + "&offset=" + offset);
  }

  /**
   * The conflicts that come in that list after one of them, also when it is gone by now. However
   * far back, a page takes as long as the first.
   *
   * @param limit 1 to 1000
   * @param cursor that of the last row that was read
   * @return a JSON array, UTF-8
   */
  public byte[] conflicts(long limit, String cursor) {
    return get("conflicts", "limit=" + limit + "&after=" + Request.encoded(cursor));
  }

  /**
   * A conflict as both sides are now: both documents, what is in dispute ({@code differences}),
   * what can be decided ({@code choices}), and the {@code version} for {@link
   * SyncDecision#onVersion}. Patient data. Blocks on the database; the calling thread must not have
   * a transaction.
   *
   * @param uuid of the conflict
   * @return a JSON object, UTF-8; null when there is no such conflict, or it is over
   * @throws SyncException of kind {@code Host}, when the database fails
   */
  public byte[] conflict(String uuid) {
    return one("conflicts/" + uuid);
  }

  /**
   * Carries out what somebody decided about a conflict. What comes of it is written here, and goes
   * to the parent with the next push. A run may be under way meanwhile. Blocks on the database, in
   * a transaction of its own; the calling thread must not have one. An exception has changed
   * nothing, but after a {@link SyncException} of kind {@code Host} the conflict may be over: look
   * at it again.
   *
   * @param uuid of the conflict
   * @throws SyncNotFoundException when there is no such conflict, or it is over
   * @throws SyncException of kind {@code Outdated}, when either side has changed since what was
   *     decided on was shown, or something of it is on its way to the parent: look at the conflict
   *     again
   * @throws SyncRejectedException when the decision does not fit the conflict, such as {@code keep}
   *     where nothing was removed, or when the conflict was met by a child, which decides it
   * @throws SyncException of kind {@code MissingReference}, when the document refers to something
   *     that is not here
   * @throws SyncConfigurationException when the decision has no reason, or the choice is none
   */
  public SyncResolution resolve(String uuid, SyncDecision decision) {
    return Response.resolved(ask(Request.resolve(uuid, decision)));
  }

  /**
   * Decides several conflicts in the same way, each by itself and as {@link #resolve} does.
   *
   * @param uuids of the conflicts, 1 to 1000
   * @param decision a choice that needs nothing more, see {@link SyncDecision#of}
   * @return what became of each, in their order
   * @throws SyncConfigurationException when the decision is none for several
   */
  public List<SyncResolution.Outcome> resolveAll(Collection<String> uuids, SyncDecision decision) {
    return Response.outcomes(ask(Request.resolveAll(uuids, decision)));
  }

  /**
   * Decides all conflicts that a filter lets through, 1000 at the most, the oldest first, as {@link
   * #resolveAll(Collection, SyncDecision)} does.
   *
   * @throws SyncConfigurationException also when the filter names what is none
   * @throws SyncException of kind {@code Host}, when they cannot be listed
   */
  public List<SyncResolution.Outcome> resolveAll(SyncConflictFilter filter, SyncDecision decision) {
    return Response.outcomes(ask(Request.resolveAll(filter, decision)));
  }

  /**
   * How far each feed has been worked through.
   *
   * @return a JSON array, UTF-8
   */
  public byte[] markers() {
    return get("marker", "");
  }

  /**
   * Has parked records tried again by the next run. {@link SyncApi#retry} begins one at once.
   *
   * @param auditUuids of their audit messages
   * @return how many of them were parked
   */
  public long retry(Collection<String> auditUuids) {
    return Response.retried(ask(Request.retryByNextRun(auditUuids)));
  }

  /**
   * Settles which node this server is, where its database and its data directory name two (see
   * {@link SyncEnvironment#dataDirectory}); the status says so then. Blocks on the database.
   *
   * @param choice {@code adopt}: this server goes on as the node of its database; {@code renew}: it
   *     becomes a new node, because another server is that one. Its feed begins anew then: who has
   *     read it needs a backfill. Its pushes go on where they were
   * @return the node's id from now on
   * @throws SyncConfigurationException when it is no such choice
   * @throws SyncAlreadyRunningException when a run is under way, here or on another server
   * @throws SyncException of kind {@code Host}, when the database fails, or the data directory
   *     cannot be written: then choose again
   */
  public String chooseNode(String choice) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("choice", choice);
    return Json.tree(ask(Request.ofProgram("node", body)).value()).get("nodeId").asText();
  }

  /**
   * A page of the feed that this node publishes, with everything that has been committed until now.
   * Also on a root, which has no parent. Blocks on the database, in transactions of its own.
   *
   * @param url the absolute url that was asked for; the links of the page are made from it. Below
   *     {@code /ws/rest/v1/sync2/feed} it is {@code recent}, a page's number, or a category and one
   *     of these; with its query, which may say what to leave out
   * @param ifNoneMatch the header {@code If-None-Match}; may be null
   * @throws SyncNotFoundException when there is no such feed, or no such page yet
   * @throws SyncException of kind {@code Gone}, when events of the page are older than {@code
   *     feed.keepDays} and were removed
   */
  public SyncFeedPage feedPage(String url, String ifNoneMatch) {
    String path = url.replaceFirst(".*/sync2/(feed/[^?#]*).*", "$1");
    Request request = Request.ofProgram("GET", path).url(url);
    return new SyncFeedPage(
        ask(request.headers(name -> name.equals("If-None-Match") ? ifNoneMatch : null)));
  }

  /**
   * Reads the objects that a child asks for, as far as the child's account may read them (see
   * {@code exchange.children} in the configuration). Works on a root, too. Blocks on the database,
   * in transactions of its own. {@link SyncExchange} serves it over HTTP.
   *
   * @param account that the child logged in with
   * @param lines newline-delimited JSON, UTF-8; {@code {"category", "uuid", "representation"}} each
   * @return an answer line for each line, in their order
   * @throws SyncBusyException when as many calls as {@code exchange.concurrency} allows are at work
   */
  public byte[] readObjects(SyncAccount account, byte[] lines) {
    return Native.readObjects(handle, account.json(), lines);
  }

  /**
   * Takes over what a child brings: saved, read back and compared, unless this node's version is
   * another one than the child saw last. A line that cannot be taken over says so in its own
   * answer. When the answers are lost, the same lines can be sent again. After the last lines of a
   * request {@link #endExchange} is called. Blocks on the database, in transactions of its own.
   * {@link SyncExchange} serves it over HTTP.
   *
   * @param account that the child logged in with
   * @param childNode the child's node id, by which it is known again
   * @param lines newline-delimited JSON, UTF-8
   * @return an answer line for each line, in their order
   * @throws SyncBusyException when as many calls as {@code exchange.concurrency} allows are at work
   * @throws SyncException of kind {@code Malformed}, when {@code childNode} is no node id
   */
  public byte[] applyObjects(SyncAccount account, String childNode, byte[] lines) {
    return Native.applyObjects(handle, account.json(), childNode, lines);
  }

  /**
   * Waits until all that a child has brought since the last call is found by a search. Called after
   * the last lines of a request, before the child hears that it has ended. Blocks on the host's
   * index and on the database.
   *
   * @param childNode the child's node id
   */
  public void endExchange(String childNode) {
    Native.endExchange(handle, childNode);
  }

  /**
   * Keeps what the host tells of its listening to its own changes: when it began, again and again
   * that it listens, and what it missed. What follows for people is on the status. Blocks on the
   * database, in a transaction of its own.
   *
   * @return what is left for the host to do
   */
  public LeftToDo listening(ListeningStep step) {
    return Json.read(Native.listening(handle, step.json()), LeftToDo.class);
  }

  private byte[] get(String path, String query) {
    return ask(Request.ofProgram("GET", path).query(query)).value();
  }

  /** Null when there is no such thing. */
  private byte[] one(String path) {
    return Response.one(ask(Request.ofProgram("GET", path)));
  }

  private Response ask(Request request) {
    return Response.read(Native.answer(handle, null, request.written()));
  }

  long handle() {
    return handle;
  }

  /** How many exchanges of all children may be open at once. In memory; never blocks. */
  int mostOpenExchanges() {
    return Native.mostOpenExchanges(handle);
  }

  /** The most bytes that one line of an exchange may have. In memory; never blocks. */
  long largestLine() {
    return Native.largestLine(handle);
  }

  /**
   * Closes the engine: cancels a run that is under way, waits until it has stopped, ends the
   * engine's threads and lets go of the host.
   *
   * @throws SyncClosedException when it is closed already: whoever closes twice does not own it
   * @throws SyncAlreadyRunningException from inside a callback of the host; cancel there instead
   */
  @Override
  public void close() {
    Native.close(handle);
  }
}
