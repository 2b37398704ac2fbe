package org.openmrs.sync2;

import java.nio.file.Path;
import java.nio.file.Paths;
import org.h2.jdbcx.JdbcDataSource;
import org.openmrs.sync2.jdbc.JdbcHost;

/** {@code ReadmeExample DIRECTORY PARENT_URL USER PASSWORD_VARIABLE}: pulls into a database. */
public final class ReadmeExample {

  private ReadmeExample() {}

  /** Pulls once and says what became of the events. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Paths.get(arguments[0]);
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:" + directory.resolve("child").toAbsolutePath());
    String config =
        String.format(
            "{\"parent\": {\"url\": \"%s\", \"username\": \"%s\", \"password\": {\"env\": \"%s\"}},"
                + " \"pull\": {\"firstRun\": \"feed\"},"
                + " \"categories\": {\"patient\": {\"pull\": true}}}",
            arguments[1], arguments[2], arguments[3]);
    try (SyncEngine engine = SyncEngine.open(config, new JdbcHost(database), directory)) {
      SyncRun run = engine.pull();
      System.out.println(run.state() + " after " + run.events() + " events: " + run.counts());
      if (run.error() != null) {
        System.out.println(run.error().kind() + ": " + run.error().message());
      }
    }
  }
}
