package org.openmrs.sync2.jdbc;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** A MariaDB server of the test's own, on a free port, with its data in a temporary directory. */
public final class MariaDbServer implements Closeable {

  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 30;

  private final Path directory;
  private final int port;
  private final String[] options;
  private Process server;

  private MariaDbServer(Path directory, int port, String[] options) throws IOException {
    this.directory = directory;
    this.port = port;
    this.options = options;
    this.server = serve();
  }

  /** Starts a server with these options besides its own and waits until it answers. */
  public static MariaDbServer start(String... options)
      throws IOException, InterruptedException, SQLException {
    Path directory = Files.createTempDirectory("sync2-mariadb");
    run(
        directory,
        command(
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--datadir=" + directory.resolve("data")));
    MariaDbServer server = new MariaDbServer(directory, freePort(), options);
    try {
      server.awaitAnswer();
    } catch (SQLException | InterruptedException | IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private Process serve() throws IOException {
    List<String> command =
        command(
            "mariadbd",
            "--no-defaults",
            "--datadir=" + directory.resolve("data"),
            "--socket=" + directory.resolve("socket"),
            "--bind-address=127.0.0.1",
            "--port=" + port);
    command.addAll(Arrays.asList(options));
    return process(directory, command);
  }

  /** A new, empty database. */
  public DataSource database(String name) throws SQLException {
    try (Connection connection = connect()) {
      connection.createStatement().execute("CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
    }
    return new MariaDbDataSource(url(name));
  }

  /** Kills it as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    server.destroyForcibly().waitFor();
  }

  /**
   * Starts it again after {@link #kill()}, on the same port and data, and waits until it answers.
   */
  public void restart() throws IOException, InterruptedException, SQLException {
    server = serve();
    awaitAnswer();
  }

  @Override
  public void close() throws IOException {
    try {
      server.destroy();
      if (!server.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      server.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
        Files.delete(file);
      }
    }
  }

  private void awaitAnswer() throws SQLException, InterruptedException, IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try {
        connect().close();
        return;
      } catch (SQLException e) {
        if (!server.isAlive() || System.nanoTime() > end) {
          throw new IOException("mariadbd does not answer: " + log(directory), e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url(""));
  }

  /** The JDBC url of a database of this server, for its one user, who has no password. */
  public String url(String database) {
    return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root";
  }

  private static void run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    if (process(directory, command).waitFor() != 0) {
      throw new IOException(command.get(0) + " failed: " + log(directory));
    }
  }

  private static Process process(Path directory, List<String> command) throws IOException {
    File log = directory.resolve("log").toFile();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .start();
  }

  /** MariaDB refuses to run as root unless told so. */
  private static List<String> command(String program, String... options) {
    List<String> command = new ArrayList<>();
    command.add(executable(program));
    command.addAll(Arrays.asList(options));
    command.add("--user=" + System.getProperty("user.name"));
    return command;
  }

  private static String executable(String program) {
    return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
        .map(directory -> new File(directory, program))
        .filter(File::canExecute)
        .map(File::getPath)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    program + " is not installed; on Debian: apt-get install mariadb-server"));
  }

  private static String log(Path directory) throws IOException {
    return new String(Files.readAllBytes(directory.resolve("log")));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
