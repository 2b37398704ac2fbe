package org.openmrs.sync2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes that are read of a stream. */
class CountedInput extends FilterInputStream {

  private long count;

  CountedInput(InputStream in) {
    super(in);
  }

  /** How many bytes have been read. */
  final long count() {
    return count;
  }

  /** Called after each read, for who breaks the stream off. */
  void checkCount() throws IOException {}

  @Override
  public final int read() throws IOException {
    int read = in.read();
    count += read < 0 ? 0 : 1;
    checkCount();
    return read;
  }

  @Override
  public final int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    count += Math.max(read, 0);
    checkCount();
    return read;
  }

  /** Bytes that are read twice would be counted twice. */
  @Override
  public final boolean markSupported() {
    return false;
  }
}
