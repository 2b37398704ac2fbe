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
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server of the test's own, on a free port, with its data in a temporary directory.
 */
public final class PostgreSqlServer implements Closeable {

  /** Debian's package makes this user; PostgreSQL refuses to run as root. */
  private static final String USER = "postgres";

  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 30;

  private final Path directory;
  private final int port;
  private final Process server;

  private PostgreSqlServer(Path directory, int port) throws IOException {
    this.directory = directory;
    this.port = port;
    this.server =
        process(
            directory,
            "postgres",
            "-D",
            directory.resolve("data").toString(),
            "-k",
            directory.toString(),
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(port));
  }

  /** Starts a server and waits until it answers. */
  public static PostgreSqlServer start() throws IOException, InterruptedException, SQLException {
    Path directory = Files.createTempDirectory("sync2-postgresql");
    if (isRoot()) {
      new ProcessBuilder("chown", USER, directory.toString()).start().waitFor();
    }
    Process initialised =
        process(
            directory,
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=" + USER,
            "-D",
            directory.resolve("data").toString());
    if (initialised.waitFor() != 0) {
      throw new IOException("initdb failed: " + log(directory));
    }
    PostgreSqlServer server = new PostgreSqlServer(directory, freePort());
    try {
      server.awaitAnswer();
    } catch (SQLException | InterruptedException | IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** A new, empty database. */
  public DataSource database(String name) throws SQLException {
    try (Connection connection = connect()) {
      connection.createStatement().execute("CREATE DATABASE " + name);
    }
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(url(name));
    return database;
  }

  @Override
  public void close() throws IOException {
    try {
      server.destroy();
      if (!server.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        server.destroyForcibly().waitFor();
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
          throw new IOException("postgres does not answer: " + log(directory), e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url("postgres"));
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + USER;
  }

  private static Process process(Path directory, String program, String... options)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      // Not runuser: it would outlive the signal that stops the server.
      command.addAll(Arrays.asList("setpriv", "--reuid=" + USER, "--regid=" + USER));
      command.add("--clear-groups");
    }
    command.add(executable(program));
    command.addAll(Arrays.asList(options));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** Debian keeps them apart from the commands, by version. */
  private static String executable(String program) {
    File[] versions = new File("/usr/lib/postgresql").listFiles();
    Stream<File> folders = versions == null ? Stream.empty() : Arrays.stream(versions);
    return Stream.concat(
            folders.map(version -> new File(version, "bin")),
            Stream.of(new File("/usr/bin"), new File("/usr/local/bin")))
        .map(folder -> new File(folder, program))
        .filter(File::canExecute)
        .map(File::getPath)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    program + " is not installed; on Debian: apt-get install postgresql"));
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
