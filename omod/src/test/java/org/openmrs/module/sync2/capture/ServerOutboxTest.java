package org.openmrs.module.sync2.capture;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Paths;
import java.sql.SQLException;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class ServerOutboxTest {

  @Test
  void messageOfADatabaseIsOnTheStatusAndNotInTheLog() throws Exception {
    ServerOutbox outbox = new ServerOutbox(() -> Paths.get("build"), Clock.systemUTC());
    String said = "Duplicate entry 'Nakato has B24'\n2026-11-30 ERROR forged";
    String log = logOf(() -> outbox.missed(new SQLException(said, "23000", 1062)));
    assertTrue(log.contains("java.sql.SQLException (23000/1062)"), log);
    assertFalse(log.contains("Nakato") || log.contains("B24") || log.contains("forged"), log);
    assertTrue(outbox.problem().get().contains("Duplicate entry"), outbox.problem().get());
  }

  private static String logOf(Runnable step) throws Exception {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, "UTF-8"));
    try {
      step.run();
    } finally {
      System.setErr(console);
    }
    return log.toString("UTF-8");
  }
}
