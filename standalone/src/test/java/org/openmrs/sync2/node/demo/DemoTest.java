package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoTest {

  private final StringWriter errors = new StringWriter();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--unknown",
        "--patients 0",
        "--patients many",
        "--data /nowhere/at/all",
        "--data . --patients 3",
        "--conflict --push",
        "--levels 4",
        "--levels 3 --push",
        "--leaf-port 8082 --levels 3",
        "--parent-port 70000",
        "--parent-port 8081 --child-port 8081"
      })
  void wrongOptionsAreNamedAndExitWith2(String options) {
    assertEquals(2, execute(options.split(" ")));
    String option = options.substring(0, (options + " ").indexOf(' '));
    assertTrue(errors.toString().contains(option), errors.toString());
  }

  @Test
  void aWorkdirThatIsNotEmptyIsRefused(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("mine"), "keep me");
    assertEquals(2, execute("--workdir", folder.toString()));
    assertTrue(errors.toString().contains("is not empty"), errors.toString());
  }

  @Test
  void aTakenPortIsNamedWithItsOption() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      assertEquals(1, execute("--json", "--parent-port", port));
      assertEquals(
          "sync2 demo: port " + port + " is taken: choose another with --parent-port",
          errors.toString().strip());
    }
  }

  private int execute(String... arguments) {
    CommandLine command = Demo.commandLine();
    command.setErr(new PrintWriter(errors, true));
    return command.execute(arguments);
  }
}
