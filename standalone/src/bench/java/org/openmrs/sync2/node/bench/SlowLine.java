package org.openmrs.sync2.node.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A line between a child and its parent that is slower than this machine: a proxy process. */
final class SlowLine implements AutoCloseable {

  /**
   * The quality of a line.
   *
   * @param roundTripMillis how much longer an answer takes
   * @param bitsPerSecond in each direction; empty: as fast as the machine
   */
  record Quality(int roundTripMillis, OptionalLong bitsPerSecond) {

    @Override
    public String toString() {
      return roundTripMillis
          + " ms"
          + (bitsPerSecond.isPresent() ? ", " + bitsPerSecond.getAsLong() + " bit/s" : "");
    }
  }

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Process process;
  private final BufferedReader answers;
  private final Writer questions;
  private final String url;

  private SlowLine(Process process, URI server) throws IOException {
    this.process = process;
    this.answers = process.inputReader();
    this.questions = process.outputWriter();
    this.url = "http://127.0.0.1:" + answer() + server.getPath();
  }

  /**
   * @param program the proxy
   * @param serverUrl what is at the other end
   */
  static SlowLine open(Path program, String serverUrl, Quality quality) throws IOException {
    URI server = URI.create(serverUrl);
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--listen",
                "127.0.0.1:0",
                "--to",
                server.getAuthority(),
                "--rtt-ms",
                Integer.toString(quality.roundTripMillis())));
    quality
        .bitsPerSecond()
        .ifPresent(bits -> command.addAll(List.of("--bits-per-second", Long.toString(bits))));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new SlowLine(process, server);
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("The proxy ended.");
    }
    return line;
  }

  /** The server's address by this line. */
  String url() {
    return url;
  }

  /** How many bytes have gone over it in both directions. */
  long bytes() throws IOException {
    questions.write("\n");
    questions.flush();
    JsonNode traffic = MAPPER.readTree(answer());
    return traffic.path("bytesToServer").asLong() + traffic.path("bytesToClient").asLong();
  }

  @Override
  public void close() throws IOException {
    questions.close();
    process.onExit().join();
  }
}
