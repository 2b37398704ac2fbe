package org.openmrs.sync2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Decompresses, as long as what comes out is in proportion to what goes in. */
final class BoundedGunzip extends FilterInputStream {

  /** Documents shrink to a tenth, very similar ones to a hundredth. */
  static final long MOST_TIMES = 250;

  /** Up to there the proportion is not asked. */
  static final long FREE_BYTES = 1L << 20;

  /** What one request may come to. */
  static final long MOST_BYTES = 1L << 30;

  private final Counted compressed;
  private long expanded;

  private BoundedGunzip(Counted compressed) throws IOException {
    super(new GZIPInputStream(compressed));
    this.compressed = compressed;
  }

  /** What is compressed in that stream. Reads its beginning. */
  static InputStream of(InputStream compressed) throws IOException {
    return new BoundedGunzip(new Counted(compressed));
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
    expanded += bytes;
    boolean outOfProportion = expanded > FREE_BYTES && expanded / MOST_TIMES > compressed.count;
    if (outOfProportion || expanded > MOST_BYTES) {
      throw new TooLargeException("the body of the request expands to more than is decompressed");
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Counts what is read of a stream. */
  private static final class Counted extends FilterInputStream {
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      count += Math.max(read, 0);
      return read;
    }
  }
}
