package org.openmrs.sync2;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.nio.file.Paths;

/** What an engine of a test is opened with. */
final class TestConfig {

  /** Where the native library goes; below the build directory, for tests run in the project. */
  static final Path NATIVE = Paths.get("build", "native-unpacked");

  private TestConfig() {}

  /** A parent that accepts connections and never answers. */
  static ServerSocket silentParent() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  /** The configuration for a parent at that port of this machine. */
  static String forParent(int port) {
    return forParent("http://127.0.0.1:" + port + "/openmrs");
  }

  /** The configuration for a parent at that address, which is tried once. */
  static String forParent(String url) {
    return "{\"parent\": {\"url\": \""
        + url
        + "\", \"username\": \"sync\", \"password\": \"not-a-secret\"},"
        + " \"pull\": {\"firstRun\": \"feed\"}, \"retry\": {\"attempts\": 1},"
        + " \"categories\": {\"patient\": {\"pull\": true}}}";
  }
}
