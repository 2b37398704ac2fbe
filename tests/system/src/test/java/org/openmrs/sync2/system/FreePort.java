package org.openmrs.sync2.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ports of this machine for processes that must come back under the same one. */
final class FreePort {

  /** Who was given one need not listen on it yet, and other tests run beside it. */
  private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

  private FreePort() {}

  /** A port on which nobody listens now, another one each time. */
  static int take() throws IOException {
    int port;
    do {
      port = free();
    } while (!TAKEN.add(port));
    return port;
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
