package org.openmrs.sync2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;

/**
 * What the engine's tables take in MariaDB after a pull of many events, and how fast more of them
 * are written then. Prints a line of JSON.
 *
 * <p>Sizes are those of the pages that MariaDB says each table has, indexes included, after it has
 * counted them.
 */
final class TablesBench {

  private static final long EVENTS = 1_000_000;
  private static final long MORE_EVENTS = 50_000;
  private static final int BUFFER_POOL_MEGABYTES = 128;
  private static final String AUDIT = "sync2_audit_message";
  private static final long LARGEST_MESSAGE = 500;

  private final DataSource database;

  private TablesBench(DataSource database) {
    this.database = database;
  }

  /** Its one argument, if there is one, is how many events are pulled before it is measured. */
  public static void main(String[] arguments) throws Exception {
    long events = arguments.length == 0 ? EVENTS : Long.parseLong(arguments[0]);
    String bufferPool = "--innodb-buffer-pool-size=" + BUFFER_POOL_MEGABYTES + "M";
    try (MariaDbServer server = MariaDbServer.start(bufferPool)) {
      System.out.println(new TablesBench(server.database("bench")).run(events));
    }
  }

  private ObjectNode run(long events) throws SQLException {
    JdbcHost host = new JdbcHost(database);
    double filling = seconds(() -> NativeTesting.pullEvents(host, 0, events));
    Map<String, Long> bytes = bytesByTable();
    double more = seconds(() -> NativeTesting.pullEvents(host, events, MORE_EVENTS));
    long bytesOfMessage = bytes.get(AUDIT) / events;
    ObjectNode figures = new ObjectMapper().createObjectNode();
    figures.put("bench", "tables").put("events", events);
    figures.put("bufferPoolMegabytes", BUFFER_POOL_MEGABYTES);
    ObjectNode byTable = figures.putObject("bytesAnEventByTable");
    bytes.forEach((table, size) -> byTable.put(table, size / events));
    figures.put("bytes", bytes.values().stream().mapToLong(Long::longValue).sum());
    figures.put("eventsPerSecondUntilThen", Math.round(events / filling));
    figures.put("eventsPerSecond", Math.round(MORE_EVENTS / more));
    figures.put("bytesAMessage", bytesOfMessage).put("target", LARGEST_MESSAGE);
    return figures.put("reached", bytesOfMessage <= LARGEST_MESSAGE);
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Of the tables that grow with events. */
  private Map<String, Long> bytesByTable() throws SQLException {
    Map<String, Long> bytes = new TreeMap<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "ANALYZE TABLE sync2_audit_message, sync2_object_state, sync2_event, sync2_outbox");
      ResultSet tables =
          statement.executeQuery(
              "SELECT table_name, data_length + index_length FROM information_schema.tables"
                  + " WHERE table_schema = DATABASE() AND table_name LIKE 'sync2%'"
                  + " AND data_length + index_length > 1000000");
      while (tables.next()) {
        bytes.put(tables.getString(1), tables.getLong(2));
      }
    }
    return bytes;
  }
}
