package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the README runs; here against a parent that is away. */
class ReadmeExampleTest {

  @Test
  void saysWhyNothingCame(@TempDir Path directory) throws Exception {
    int port = freePort();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, "UTF-8"));
    try {
      String url = "http://127.0.0.1:" + port + "/openmrs";
      // PATH stands for the variable with the password: it is always set.
      ReadmeExample.main(new String[] {directory.toString(), url, "sync", "PATH"});
    } finally {
      System.setOut(before);
    }
    String text = printed.toString("UTF-8");
    assertTrue(text.startsWith("interrupted after 0 events"), text);
    assertTrue(text.contains("Unreachable: "), text);
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
