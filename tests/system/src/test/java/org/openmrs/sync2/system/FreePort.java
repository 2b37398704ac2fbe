package org.openmrs.sync2.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of this machine for processes that must come back under the same one. */
final class FreePort {

  private FreePort() {}

  /** A port on which nobody listens now. */
  static int take() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
