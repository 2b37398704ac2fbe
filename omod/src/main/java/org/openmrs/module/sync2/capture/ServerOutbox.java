package org.openmrs.module.sync2.capture;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.openmrs.sync2.LoggedFailure;
import org.openmrs.sync2.NativeLibrary;
import org.openmrs.sync2.Outbox;
import org.openmrs.util.OpenmrsUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox of this server, or that there is none: without it OpenMRS saves as if the module were
 * not there, and the status says so, since when, and how often. May be used from any thread.
 */
public final class ServerOutbox {

  private static final Logger LOG = LoggerFactory.getLogger(ServerOutbox.class);

  private static final ServerOutbox INSTANCE =
      new ServerOutbox(
          () -> OpenmrsUtil.getDirectoryInApplicationDataDirectory("sync2").toPath(),
          Clock.systemUTC());

  private static final String NOT_CAPTURED =
      "Changes on this server do not appear in its feed, and are not pushed: ";

  private static final String MISSED =
      "Changes on this server could not be noted for its feed when they were made: ";

  private final Supplier<Path> nativeDirectory;
  private final Clock clock;

  /** Null until it has been looked for. */
  private volatile Optional<Outbox> found;

  /** Why the outbox cannot be written, or could not. */
  private volatile String reason;

  /** Why nothing is heard of changes. */
  private volatile String deaf;

  /** When the first change was missed that has not been found since; null when none was. */
  private Instant missedSince;

  private long missed;

  /**
   * @param nativeDirectory where the native library is unpacked to
   */
  ServerOutbox(Supplier<Path> nativeDirectory, Clock clock) {
    this.nativeDirectory = nativeDirectory;
    this.clock = clock;
  }

  /** Returns the one of this OpenMRS; it outlives the contexts of OpenMRS. */
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

  /** Returns true if it was looked for in vain. Never blocks. */
  boolean isKnownToBeMissing() {
    Optional<Outbox> known = found;
    return known != null && !known.isPresent();
  }

  private synchronized Optional<Outbox> look(Connection connection) throws SQLException {
    if (found == null) {
      found = open(connection);
    }
    return found;
  }

  private Optional<Outbox> open(Connection connection) throws SQLException {
    if (!Outbox.isIn(connection)) {
      String why = "the database has no table sync2_outbox";
      return missing(why, why);
    }
    try {
      NativeLibrary.load(nativeDirectory.get());
      return Optional.of(Outbox.of(connection.getMetaData().getDatabaseProductName()));
    } catch (RuntimeException | LinkageError e) {
      return missing(words(e), LoggedFailure.words(e));
    }
  }

  private Optional<Outbox> missing(String why, String logged) {
    cannotBeUsed(why, logged);
    return Optional.empty();
  }

  /**
   * @param logged what the log has of the reason
   */
  private void cannotBeUsed(String why, String logged) {
    if (!Objects.equals(reason, why)) {
      LOG.warn("{}{}", NOT_CAPTURED, logged);
    }
    reason = why;
  }

  /** Nothing will be heard of changes until OpenMRS makes its context anew. */
  void cannotListen(String reason) {
    LOG.warn("{}{}", NOT_CAPTURED, reason);
    deaf = reason;
  }

  /** Changes are heard of from now on. */
  void listens() {
    deaf = null;
  }

  /** Returns true if changes are heard of, and would be noted if the outbox can be written. */
  public boolean isListening() {
    return deaf == null;
  }

  /** Notes that a transaction's changes could not be noted. Throws nothing. */
  void missed(Throwable why) {
    cannotBeUsed(words(why), LoggedFailure.words(why));
    LOG.debug("A change could not be noted", LoggedFailure.of(why));
    missedAgain();
  }

  /** Notes that a transaction's changes could not be noted, for the reason that is known. */
  synchronized void missedAgain() {
    missed++;
    if (missedSince == null) {
      missedSince = clock.instant();
    }
  }

  private static String words(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** Has it looked for anew with the next change: the tables may have been made. */
  public synchronized void lookAgain() {
    found = null;
  }

  /** How many transactions were missed whose changes have not been found since. */
  public synchronized long missed() {
    return missed;
  }

  /** When the first of them was missed; nothing when none was. */
  public synchronized Optional<Instant> missedSince() {
    return Optional.ofNullable(missedSince);
  }

  /**
   * Notes that missed changes have been looked for.
   *
   * @param missed how many had been missed when that began: with more, some may be left
   */
  public synchronized void searched(long missed) {
    if (this.missed == missed) {
      this.missed = 0;
      missedSince = null;
      reason = null;
    }
  }

  /** Why changes are not captured; nothing when they are, or nothing has changed yet. */
  public synchronized Optional<String> problem() {
    if (deaf != null) {
      return Optional.of(NOT_CAPTURED + deaf);
    }
    if (missedSince == null) {
      return Optional.ofNullable(reason).map(why -> NOT_CAPTURED + why);
    }
    return Optional.of(
        MISSED
            + reason
            + " ("
            + missed
            + " since "
            + missedSince.truncatedTo(ChronoUnit.SECONDS)
            + "). They are looked for each minute");
  }
}
