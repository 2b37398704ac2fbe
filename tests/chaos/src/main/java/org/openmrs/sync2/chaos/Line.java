package org.openmrs.sync2.chaos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The line between a child and its parent: each request has a connection of its own, and something
 * may happen to it. Nothing happens until it is {@link #arm}ed.
 */
final class Line implements AutoCloseable {

  private static final String LIE =
      "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 20\r\n"
          + "Connection: close\r\n\r\n<html>Sorry.</html>\n";

  private static final long DELAY_MILLIS = 120;
  private static final int PIECES = 8;

  private final ServerSocket listener;
  private final int parentPort;
  private final Consumer<Fault.Kind> onFault;
  private final ExecutorService threads = Executors.newCachedThreadPool(Line::daemon);

  /** What is to happen, the first first. Guarded by this. */
  private final List<Fault> armed = new ArrayList<>();

  /** What has not arrived yet. Guarded by this. */
  private final List<byte[]> held = new ArrayList<>();

  /**
   * Opens it.
   *
   * @param parentPort where the parent listens
   * @param onFault is told of each fault when it happens, and does what is more than the line's
   */
  Line(int parentPort, Consumer<Fault.Kind> onFault) throws IOException {
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    this.parentPort = parentPort;
    this.onFault = onFault;
    threads.execute(this::accept);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "line");
    thread.setDaemon(true);
    return thread;
  }

  /** Where the child reaches its parent. */
  int port() {
    return listener.getLocalPort();
  }

  /** From now on this happens, too. */
  synchronized void arm(Fault fault) {
    armed.add(fault);
  }

  /** From now on nothing happens; what is held stays so. */
  synchronized void heal() {
    armed.clear();
  }

  /** Lets arrive what is held, one after the other, and waits for the answers; how many. */
  int release() {
    List<byte[]> late;
    synchronized (this) {
      late = new ArrayList<>(held);
      held.clear();
    }
    late.forEach(this::arriveUnheard);
    return late.size();
  }

  private void arriveUnheard(byte[] request) {
    try {
      forward(request);
    } catch (IOException e) {
      // Who sent it is not there any more.
      return;
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      byte[] request = read(client.getInputStream());
      if (request.length > 0) {
        carry(request, client.getOutputStream());
      }
    } catch (IOException e) {
      // Either side has gone away, which is what lines are for.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void carry(byte[] request, OutputStream client) throws IOException, InterruptedException {
    Fault.Kind kind = next(request);
    if (kind == null) {
      client.write(forward(request));
      return;
    }
    if (kind != Fault.Kind.KILL_CHILD && kind != Fault.Kind.FREEZE_CHILD) {
      onFault.accept(kind);
    }
    suffer(kind, request, client);
  }

  /** What happens to this one; null when nothing does. */
  private synchronized Fault.Kind next(byte[] request) {
    boolean writes = startOf(request).contains("/objects/apply");
    for (int place = 0; place < armed.size(); place++) {
      Fault fault = armed.get(place);
      Fault.Target other = writes ? Fault.Target.READ : Fault.Target.WRITE;
      if (fault.target() == other) {
        continue;
      }
      if (fault.skipped() > 0) {
        armed.set(
            place, new Fault(fault.kind(), fault.target(), fault.skipped() - 1, fault.times()));
        continue;
      }
      if (fault.times() > 1) {
        armed.set(place, new Fault(fault.kind(), fault.target(), 0, fault.times() - 1));
      } else {
        armed.remove(place);
      }
      return fault.kind();
    }
    return null;
  }

  private void suffer(Fault.Kind kind, byte[] request, OutputStream client)
      throws IOException, InterruptedException {
    switch (kind) {
      case CUT -> {}
      case DROP_ANSWER -> forward(request);
      case HALF_ANSWER -> {
        byte[] answer = forward(request);
        client.write(answer, 0, answer.length / 2);
      }
      case LIE_502 -> client.write(LIE.getBytes(StandardCharsets.US_ASCII));
      case LIE_502_AFTER -> {
        forward(request);
        client.write(LIE.getBytes(StandardCharsets.US_ASCII));
      }
      case TWICE -> {
        forward(request);
        client.write(forward(request));
      }
      case DELAY -> {
        TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS);
        byte[] answer = forward(request);
        TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS);
        client.write(answer);
      }
      case THROTTLE -> throttle(forward(request), client);
      case HOLD -> hold(request);
      case AGAIN_LATE -> {
        hold(request);
        client.write(forward(request));
      }
      case KILL_PARENT, FREEZE_PARENT -> client.write(forward(request));
      case KILL_CHILD, FREEZE_CHILD -> {
        byte[] answer = forward(request);
        onFault.accept(kind);
        client.write(answer);
      }
    }
  }

  private synchronized void hold(byte[] request) {
    held.add(request);
  }

  private static void throttle(byte[] answer, OutputStream client)
      throws IOException, InterruptedException {
    int piece = Math.max(1, answer.length / PIECES);
    for (int from = 0; from < answer.length; from += piece) {
      client.write(answer, from, Math.min(piece, answer.length - from));
      client.flush();
      TimeUnit.MILLISECONDS.sleep(DELAY_MILLIS / PIECES);
    }
  }

  /** Sends a request to the parent; the answer as it came. */
  private byte[] forward(byte[] request) throws IOException {
    try (Socket parent = new Socket(InetAddress.getLoopbackAddress(), parentPort)) {
      parent.getOutputStream().write(request);
      parent.getOutputStream().flush();
      return parent.getInputStream().readAllBytes();
    }
  }

  /** A whole request, which asks for the end of the connection; empty when none comes. */
  private static byte[] read(InputStream client) throws IOException {
    String head = head(client);
    if (head.isEmpty()) {
      return new byte[0];
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(closing(head).getBytes(StandardCharsets.ISO_8859_1));
    if ("chunked".equalsIgnoreCase(header(head, "transfer-encoding"))) {
      copyChunks(client, request);
    } else if (!header(head, "content-length").isEmpty()) {
      copy(client, request, Integer.parseInt(header(head, "content-length")));
    }
    return request.toByteArray();
  }

  /** All up to the empty line, with it. */
  private static String head(InputStream client) throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line = line(client); !line.isEmpty(); line = line(client)) {
      head.append(line);
      if (line.equals("\r\n")) {
        return head.toString();
      }
    }
    return "";
  }

  /** With its end; empty at the end of all. */
  private static String line(InputStream client) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = client.read(); next >= 0; next = client.read()) {
      line.append((char) next);
      if (next == '\n') {
        return line.toString();
      }
    }
    return "";
  }

  private static String header(String head, String name) {
    return Arrays.stream(head.split("\r\n"))
        .filter(line -> line.toLowerCase().startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).trim())
        .findFirst()
        .orElse("");
  }

  private static String closing(String head) {
    StringBuilder changed = new StringBuilder();
    for (String line : head.split("\r\n")) {
      if (!line.toLowerCase().startsWith("connection:")) {
        changed.append(line).append("\r\n");
      }
    }
    return changed.append("Connection: close\r\n\r\n").toString();
  }

  private static void copyChunks(InputStream client, ByteArrayOutputStream request)
      throws IOException {
    int length;
    do {
      String line = line(client);
      request.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
      length = Integer.parseInt(line.trim().split(";")[0], 16);
      copy(client, request, length + "\r\n".length());
    } while (length > 0);
  }

  private static void copy(InputStream client, ByteArrayOutputStream request, int length)
      throws IOException {
    byte[] bytes = client.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("the request breaks off");
    }
    request.writeBytes(bytes);
  }

  private static String startOf(byte[] request) {
    String text = new String(request, 0, Math.min(request.length, 500), StandardCharsets.US_ASCII);
    return text.split("\r\n", 2)[0];
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
