package org.openmrs.sync2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/**
 * The body of a request, of which a least number of bytes a second is expected: a sender who lets
 * them drip must not hold a thread for ever. Only the time that is spent waiting for it counts.
 */
final class PacedInput extends FilterInputStream {

  /** Below that no line is: a modem sends ten times as much. */
  static final long LEAST_BYTES_A_SECOND = 256;

  /** How long a sender may take before that is asked. */
  static final long GRACE_NANOS = 30_000_000_000L;

  private static final long NANOS = 1_000_000_000L;

  private final LongSupplier clock;
  private long waited;
  private long received;

  /** By the clock of the JVM. */
  PacedInput(InputStream in) {
    this(in, System::nanoTime);
  }

  /**
   * @param clock in nanoseconds
   */
  PacedInput(InputStream in, LongSupplier clock) {
    super(in);
    this.clock = clock;
  }

  @Override
  public int read() throws IOException {
    long begun = clock.getAsLong();
    int read = in.read();
    came(begun, read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    long begun = clock.getAsLong();
    int read = in.read(bytes, offset, length);
    came(begun, Math.max(read, 0));
    return read;
  }

  private void came(long begun, int bytes) throws IOException {
    waited += clock.getAsLong() - begun;
    received += bytes;
    if (waited > GRACE_NANOS && received < waited / NANOS * LEAST_BYTES_A_SECOND) {
      throw new TooSlowException(LEAST_BYTES_A_SECOND);
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
