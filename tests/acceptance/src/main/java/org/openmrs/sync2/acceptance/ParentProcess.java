package org.openmrs.sync2.acceptance;

import java.time.Duration;
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
    Command.run(stop, LIMIT);
  }

  /** Starts it and waits until it takes a log-in. */
  public void start(OpenMrsServer parent) throws Exception {
    Command.run(start, LIMIT);
    Await.until("a log-in at the parent after its start", LIMIT, parent::answers);
  }
}
