package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of java-bindings/README.md pulls. */
class ReadmeExampleTest {

  @Test
  void pullsOnceAndThenNothing(@TempDir Path directory) throws Exception {
    try (OnePatientParent parent = new OnePatientParent()) {
      assertEquals("completed after 1 events: {APPLIED=1}", printed(directory, parent));
      assertEquals("completed after 0 events: {}", printed(directory, parent));
    }
  }

  private static String printed(Path directory, OnePatientParent parent) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, "UTF-8"));
    try {
      // PATH stands for the variable with the password: it is always set.
      ReadmeExample.main(new String[] {directory.toString(), parent.url(), "sync", "PATH"});
    } finally {
      System.setOut(before);
    }
    return printed.toString("UTF-8").trim();
  }
}
