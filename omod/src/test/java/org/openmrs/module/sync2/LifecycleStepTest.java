package org.openmrs.module.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.NativeLibrary;

class LifecycleStepTest {

  @Test
  void aPlatformWithoutLibraryIsOneSentence(@TempDir Path directory) throws Exception {
    String platform = System.getProperty("os.arch");
    System.setProperty("os.arch", "s390x");
    try {
      String log = logOf(() -> NativeLibrary.load(directory));
      assertEquals(1, log.split("\n").length, log);
      assertTrue(log.contains("Sync 2 does not run: "), log);
      assertTrue(log.contains("no native library for this platform"), log);
    } finally {
      System.setProperty("os.arch", platform);
    }
  }

  @Test
  void unexpectedFailureIsLoggedWithItsStack() throws Exception {
    String log =
        logOf(
            () -> {
              throw new NoClassDefFoundError("org/example/Missing");
            });
    assertTrue(log.contains("Sync 2 does not run, because of an error"), log);
    assertTrue(log.contains("org/example/Missing"), log);
    assertTrue(log.contains("\tat "), log);
  }

  /** Nobody knows what OpenMRS, its modules and the database quote. */
  @Test
  void exceptionIsLoggedWithoutItsWords() throws Exception {
    String said = "Nakato has B24\n2026-11-30 ERROR forged";
    String log =
        logOf(
            () -> {
              throw new IllegalStateException(said, new SQLException(said, "23000", 1062));
            });
    assertTrue(log.contains("java.lang.IllegalStateException"), log);
    assertTrue(log.contains("java.sql.SQLException (23000/1062)"), log);
    assertFalse(log.contains("Nakato") || log.contains("B24") || log.contains("forged"), log);
  }

  @Test
  void aStepThatWorksSaysNothing() throws Exception {
    assertEquals("", logOf(() -> {}));
  }

  private static String logOf(Runnable step) throws Exception {
    PrintStream console = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, "UTF-8"));
    try {
      LifecycleStep.run("Sync 2 does not run", step);
    } finally {
      System.setErr(console);
    }
    return log.toString("UTF-8");
  }
}
