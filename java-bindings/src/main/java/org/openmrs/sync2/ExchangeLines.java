package org.openmrs.sync2;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Cuts a stream into groups of lines, each a few at a time, so that memory is bounded however long
 * the stream is.
 */
final class ExchangeLines {

  /** As many as a child sends at once by default. */
  static final int MOST_LINES = 100;

  /** A group that has so many bytes is full. */
  static final int FULL_BYTES = 4 << 20;

  private final InputStream in;
  private final long largestLine;
  private final byte[] part = new byte[1 << 16];
  private int position;
  private int read;

  /**
   * @param in not closed here
   * @param largestLine the most bytes of a line; a longer one is cut, so that it cannot be read as
   *     JSON
   */
  ExchangeLines(InputStream in, long largestLine) {
    this.in = in;
    this.largestLine = largestLine;
  }

  /**
   * The next lines, each with its end. Blocks until they are there.
   *
   * @return null at the end
   */
  byte[] nextGroup() throws IOException {
    ByteArrayOutputStream group = new ByteArrayOutputStream();
    for (int lines = 0; lines < MOST_LINES && group.size() < FULL_BYTES; ) {
      int size = group.size();
      if (!appendLine(group)) {
        break;
      }
      // Lines without content are passed over, and have no answer.
      if (group.size() > size) {
        lines++;
      }
    }
    return group.size() == 0 ? null : group.toByteArray();
  }

  /** Appends the next line, if it is not empty. Returns whether there was one. */
  private boolean appendLine(ByteArrayOutputStream group) throws IOException {
    long room = largestLine;
    boolean any = false;
    while (fill()) {
      any = true;
      int end = position;
      while (end < read && part[end] != '\n') {
        end++;
      }
      int length = (int) Math.min(room, end - position);
      group.write(part, position, length);
      room -= length;
      position = end;
      if (end < read) {
        position++;
        break;
      }
    }
    if (room < largestLine) {
      group.write('\n');
    }
    return any;
  }

  /** Returns true if there are bytes to look at. */
  private boolean fill() throws IOException {
    if (position == read) {
      position = 0;
      read = Math.max(in.read(part), 0);
    }
    return read > 0;
  }
}
