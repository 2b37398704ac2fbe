package org.openmrs.sync2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a request as it is sent, of which so much is read and no more, whatever its head
 * says.
 */
final class LimitedInput extends FilterInputStream {

  /**
   * A child sends a few MiB at once. Less than the 64 MiB at which the standalone node's server
   * breaks a body off by itself, which would be a failure and no answer.
   */
  static final long MOST_BYTES = 60L << 20;

  private long received;

  LimitedInput(InputStream in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int read = in.read();
    came(read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    came(Math.max(read, 0));
    return read;
  }

  private void came(int bytes) throws IOException {
    received += bytes;
    if (received > MOST_BYTES) {
      throw tooLarge();
    }
  }

  static TooLargeException tooLarge() {
    return new TooLargeException(
        "the body of the request is larger than " + (MOST_BYTES >> 20) + " MiB");
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
