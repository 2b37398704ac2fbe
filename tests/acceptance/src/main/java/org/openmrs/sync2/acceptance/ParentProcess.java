package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** Stops and starts the parent with the commands of whoever runs the suite. */
public final class ParentProcess {

  private static final Duration LIMIT = Duration.ofMinutes(15);

  private final String stop;
  private final String start;

  ParentProcess(String stop, String start) {
    this.stop = stop;
    this.start = start;
  }

  /** Stops it. Returns when the command has ended. */
  public void stop() throws Exception {
    run(stop);
  }

  /** Starts it and waits until it takes a log-in. */
  public void start(OpenMrsServer parent) throws Exception {
    run(start);
    Await.until("a log-in at the parent after its start", LIMIT, parent::answers);
  }

  private static void run(String command) throws IOException, InterruptedException {
    // A server that the command leaves behind may keep its output open: nothing waits for its end.
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("did not end within " + LIMIT.toMinutes() + " minutes: " + command);
    }
    if (process.exitValue() != 0) {
      throw new IOException("failed with " + process.exitValue() + ": " + command);
    }
  }
}
