package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** What a server's access log says from a moment on. Its lines must hold the user agent. */
public final class AccessLog {

  private final Path file;
  private final long start;

  private AccessLog(Path file, long start) {
    this.file = file;
    this.start = start;
  }

  /** The lines that are written from now on. */
  public static AccessLog fromNow(Path file) throws IOException {
    return new AccessLog(file, Files.size(file));
  }

  /** The lines so far. */
  public List<String> lines() throws IOException {
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      byte[] text = new byte[Math.toIntExact(log.length() - start)];
      log.seek(start);
      log.readFully(text);
      return new String(text, StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** The requests that the suite did not send. */
  public List<String> foreignRequests() throws IOException {
    return lines().stream().filter(line -> !line.contains(OpenMrsServer.USER_AGENT)).toList();
  }
}
