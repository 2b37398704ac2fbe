package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The process of one {@link LightRun}. */
final class LightProcess implements AutoCloseable {

  private final JavaProcess process;

  private LightProcess(JavaProcess process) {
    this.process = process;
  }

  /**
   * Starts a run, and returns when its engine is open.
   *
   * @param name of the file that its output is added to
   * @param database its JDBC url
   * @param directory with {@code config.json}
   */
  static LightProcess start(String name, Class<?> main, String database, Path directory)
      throws IOException, InterruptedException {
    JavaProcess process =
        JavaProcess.start(
            name,
            main,
            database,
            directory.resolve("config.json").toString(),
            directory.resolve("native").toString());
    assertEquals(Optional.of(LightRun.OPENED), process.awaitLine(LightRun.OPENED::equals));
    return new LightProcess(process);
  }

  /**
   * Waits for so many commits, and then so long. At least one commit: a run that has not begun
   * proves nothing.
   */
  void awaitMoment(int commits, int micros) throws InterruptedException {
    for (int i = 0; i < commits; i++) {
      process
          .awaitLine(LightRun.COMMITTED::equals)
          .orElseThrow(() -> new AssertionError("the run was over before the kill"));
    }
    TimeUnit.MICROSECONDS.sleep(micros);
  }

  /** The state of the run that is over, and the kind of its error. */
  String awaitEnd() throws InterruptedException {
    String last = process.awaitLine(line -> line.startsWith(LightRun.ENDED)).orElse("no end");
    return last.replace(LightRun.ENDED, "");
  }

  int awaitExit() throws InterruptedException {
    return process.awaitExit();
  }

  /** {@code kill -9}; returns when it is gone. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }
}
