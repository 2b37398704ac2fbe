package org.openmrs.sync2.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** The node's one database: an H2 file in the data directory, opened by this process alone. */
final class Database implements AutoCloseable {

  private final BasicDataSource pool;

  private Database(BasicDataSource pool) {
    this.pool = pool;
  }

  /**
   * Opens the database, makes it when there is none, and sees to the node's own tables.
   *
   * @throws NodeConfigException when it was made with another number of entries on a feed page:
   *     pages that readers have seen must not change
   */
  static Database open(Path directory, int feedPageSize) throws IOException {
    Files.createDirectories(directory);
    closeToOthers(directory);
    Database database = new Database(pool(directory.toAbsolutePath().resolve("node")));
    try {
      DatabasePopulatorUtils.execute(
          new ResourceDatabasePopulator(new ClassPathResource("org/openmrs/sync2/node/schema.sql")),
          database.pool);
      database.fixPageSize(feedPageSize);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return database;
  }

  /** Patients and passwords are in there. Windows has no such bits. */
  private static void closeToOthers(Path directory) throws IOException {
    if (Files.getFileStore(directory).supportsFileAttributeView(PosixFileAttributeView.class)) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static BasicDataSource pool(Path file) {
    BasicDataSource pool = new BasicDataSource();
    // WRITE_DELAY=0: a commit is on disk when it returns. H2's default loses the last half second
    // at a kill.
    // LOCK_TIMEOUT: a writer waits for a batch of the engine to commit instead of failing after two
    // seconds.
    // AUTO_COMPACT_FILL_RATE=0: a kill while H2 moves parts of its file in the background can leave
    // a file that cannot be opened ("Double mark", h2database issue 4123); it is compacted on
    // closing.
    // MAX_LENGTH_INPLACE_LOB (bytes): a resource's text stands in its row, and not in a store of
    // texts of its own with three entries for each and a thread that clears it.
    // DB_CLOSE_ON_EXIT: the node closes it in its own order. Cache size in KiB.
    pool.setUrl(
        "jdbc:h2:file:"
            + file
            + ";WRITE_DELAY=0;LOCK_TIMEOUT=30000;AUTO_COMPACT_FILL_RATE=0"
            + ";MAX_LENGTH_INPLACE_LOB=16384;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=131072");
    pool.setUsername("sa");
    pool.setPassword("");
    pool.setDefaultTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    pool.setMaxTotal(48);
    pool.setMaxIdle(48);
    // Most of a small statement's time goes into compiling it.
    pool.setPoolPreparedStatements(true);
    pool.setMaxOpenPreparedStatements(256);
    return pool;
  }

  private void fixPageSize(int feedPageSize) {
    JdbcTemplate jdbc = new JdbcTemplate(pool);
    jdbc.update(
        "INSERT INTO chunking_history (chunk_length, start)"
            + " SELECT ?, 1 WHERE NOT EXISTS (SELECT 1 FROM chunking_history)",
        feedPageSize);
    Long stored = jdbc.queryForObject("SELECT chunk_length FROM chunking_history", Long.class);
    if (stored == null || stored != feedPageSize) {
      throw new NodeConfigException(
          List.of(
              "server.feedPageSize: the database was made with " + stored + " and cannot change"));
    }
  }

  /** The pool of connections. */
  DataSource dataSource() {
    return pool;
  }

  /** Closes all connections; the last one closes the file. */
  @Override
  public void close() {
    try {
      pool.close();
    } catch (SQLException e) {
      throw new IllegalStateException("The database did not close: " + e.getMessage(), e);
    }
  }
}
