package org.openmrs.sync2;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** Decompresses, as long as what comes out is in proportion to what goes in. */
final class BoundedGunzip extends CountedInput {

  /** Documents shrink to a tenth, very similar ones to a hundredth. */
  static final long MOST_TIMES = 250;

  /** Up to there the proportion is not asked. */
  static final long FREE_BYTES = 1L << 20;

  /** The most that one request may come to. */
  static final long MOST_BYTES = 1L << 30;

  private final CountedInput compressed;

  private BoundedGunzip(CountedInput compressed) throws IOException {
    super(new GZIPInputStream(compressed));
    this.compressed = compressed;
  }

  /** Returns the stream that is compressed in that one. Reads its beginning. */
  static InputStream of(InputStream compressed) throws IOException {
    return new BoundedGunzip(new CountedInput(compressed));
  }

  @Override
  void checkCount() throws IOException {
    boolean outOfProportion = count() > FREE_BYTES && count() / MOST_TIMES > compressed.count();
    if (outOfProportion || count() > MOST_BYTES) {
      throw new TooLargeException("the body of the request expands to more than is decompressed");
    }
  }
}
