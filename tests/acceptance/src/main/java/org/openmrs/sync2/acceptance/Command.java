package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A command of whoever runs the suite. */
final class Command {

  private Command() {}

  /**
   * Runs it and waits for its end.
   *
   * @throws IOException when it fails, or does not end within the limit
   */
  static void run(String command, Duration limit) throws IOException, InterruptedException {
    // A server that the command leaves behind may keep its output open: nothing waits for its end.
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("did not end within " + limit.toMinutes() + " minutes: " + command);
    }
    if (process.exitValue() != 0) {
      throw new IOException("failed with " + process.exitValue() + ": " + command);
    }
  }
}
