package org.openmrs.sync2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Paths;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.MariaDbServer;

/**
 * How long the lists of the page take over a million audit messages, 10,000 parked records and
 * 5,000 conflicts, in H2 (in the working folder) and in MariaDB. Prints a line of JSON for each.
 */
final class ListsBench {

  private static final long MESSAGES = 1_000_000;
  private static final int BUFFER_POOL_MEGABYTES = 128;
  private static final double LONGEST_MILLISECONDS = 300;

  private ListsBench() {}

  /** Its one argument, if there is one, is how many messages there are. */
  public static void main(String[] arguments) throws Exception {
    long messages = arguments.length == 0 ? MESSAGES : Long.parseLong(arguments[0]);
    JdbcDataSource h2 = new JdbcDataSource();
    h2.setURL("jdbc:h2:file:" + Paths.get("lists").toAbsolutePath());
    System.out.println(figures("h2", h2, messages));
    String bufferPool = "--innodb-buffer-pool-size=" + BUFFER_POOL_MEGABYTES + "M";
    try (MariaDbServer server = MariaDbServer.start(bufferPool)) {
      System.out.println(figures("mariadb", server.database("lists"), messages));
    }
  }

  private static ObjectNode figures(String database, DataSource source, long messages)
      throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode milliseconds =
        (ObjectNode)
            mapper.readTree(NativeTesting.listMilliseconds(new JdbcHost(source), messages));
    double slowest = 0;
    for (JsonNode time : milliseconds) {
      slowest = Math.max(slowest, time.asDouble());
    }
    ObjectNode figures = mapper.createObjectNode();
    figures.put("bench", "lists").put("database", database).put("messages", messages);
    figures.set("millisecondsOfTwoPages", milliseconds);
    figures.put("slowestMilliseconds", slowest).put("target", LONGEST_MILLISECONDS);
    return figures.put("reached", slowest <= LONGEST_MILLISECONDS);
  }
}
