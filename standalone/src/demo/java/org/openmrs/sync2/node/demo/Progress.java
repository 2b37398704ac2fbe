package org.openmrs.sync2.node.demo;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows people how far a piece of work is: a bar on a terminal, else a line now and then. Safe for
 * several threads.
 */
final class Progress implements AutoCloseable {

  private static final int BAR_WIDTH = 30;
  private static final long BAR_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean isTerminal;
  private final String title;
  private final long started = System.nanoTime();
  private long shown = started;
  private long done;
  private long total;

  /**
   * @param title what is done, such as {@code Loading}
   * @param total how much there is to do, as far as known; 0 when nobody knows
   */
  Progress(PrintStream out, boolean isTerminal, String title, long total) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.title = title;
    this.total = total;
  }

  /** One more is done. */
  synchronized void advance() {
    advanceTo(done + 1, total);
  }

  /** So many are done, of so many as are known of by now. */
  synchronized void advanceTo(long count, long all) {
    done = count;
    total = all;
    long now = System.nanoTime();
    if (now - shown >= (isTerminal ? BAR_NANOS : LINE_NANOS)) {
      shown = now;
      show();
    }
  }

  private void show() {
    out.print(
        isTerminal ? "\r" + bar() + " " + text() + "\u001b[K" : text() + System.lineSeparator());
    out.flush();
  }

  private String bar() {
    int filled = (int) (BAR_WIDTH * Math.min(done, total) / Math.max(total, 1));
    return "[" + "#".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "]";
  }

  private String text() {
    double seconds = (System.nanoTime() - started) / 1e9;
    double rate = done / Math.max(seconds, 0.001);
    String count = total == 0 ? Long.toString(done) : done + " of " + total;
    String text = String.format(Locale.ROOT, "%s: %s, %.0f/s", title, count, rate);
    if (done == 0 || done >= total) {
      return text;
    }
    return text + String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate);
  }

  /** Shows the last state and ends the line. */
  @Override
  public synchronized void close() {
    show();
    if (isTerminal) {
      out.println();
    }
  }
}
