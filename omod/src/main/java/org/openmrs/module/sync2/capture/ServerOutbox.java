package org.openmrs.module.sync2.capture;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;
import org.openmrs.sync2.NativeLibrary;
import org.openmrs.sync2.Outbox;
import org.openmrs.sync2.SyncException;
import org.openmrs.util.OpenmrsUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox of this server, or that there is none: without it OpenMRS saves as if the module were
 * not there, and the status says so. May be used from any thread.
 */
public final class ServerOutbox {

  private static final Logger LOG = LoggerFactory.getLogger(ServerOutbox.class);

  private static final ServerOutbox INSTANCE =
      new ServerOutbox(() -> OpenmrsUtil.getDirectoryInApplicationDataDirectory("sync2").toPath());

  private static final String NOT_CAPTURED =
      "Changes on this server do not appear in its feed, and are not pushed: ";

  private final Supplier<Path> nativeDirectory;

  /** Null until it has been looked for. */
  private volatile Optional<Outbox> found;

  private volatile String problem;

  /**
   * @param nativeDirectory where the native library is unpacked to
   */
  ServerOutbox(Supplier<Path> nativeDirectory) {
    this.nativeDirectory = nativeDirectory;
  }

  /** That of this OpenMRS; it outlives the contexts of OpenMRS. */
  public static ServerOutbox get() {
    return INSTANCE;
  }

  /**
   * The outbox; nothing when the engine's tables were not made or the engine cannot be used. Looked
   * for once. Blocks on the database the first time.
   *
   * @param connection to OpenMRS's database
   * @throws SQLException when the database does not say whether the tables are there
   */
  Optional<Outbox> of(Connection connection) throws SQLException {
    Optional<Outbox> known = found;
    return known == null ? look(connection) : known;
  }

  private synchronized Optional<Outbox> look(Connection connection) throws SQLException {
    if (found == null) {
      found = open(connection);
    }
    return found;
  }

  private Optional<Outbox> open(Connection connection) throws SQLException {
    if (!Outbox.isIn(connection)) {
      return missing("the database has no table sync2_outbox");
    }
    try {
      NativeLibrary.load(nativeDirectory.get());
      Outbox outbox = Outbox.of(connection.getMetaData().getDatabaseProductName());
      problem = null;
      return Optional.of(outbox);
    } catch (SyncException e) {
      return missing(e.getMessage());
    }
  }

  private Optional<Outbox> missing(String why) {
    cannotBeUsed(why);
    return Optional.empty();
  }

  /** Keeps the reason for the status, and logs it. */
  void cannotBeUsed(String why) {
    problem = NOT_CAPTURED + why;
    LOG.warn(problem);
  }

  /** Has it looked for anew with the next change: the tables may have been made. */
  public synchronized void lookAgain() {
    found = null;
  }

  /** Why changes are not captured; nothing when they are, or nothing has changed yet. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }
}
