package org.openmrs.sync2;

import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a request as it is sent, of which so much is read and no more, whatever its head
 * says.
 */
final class LimitedInput extends CountedInput {

  /**
   * A child sends a few MiB at once. Less than the 64 MiB at which the standalone node's server
   * breaks a body off by itself, which would be a failure and no answer.
   */
  static final long MOST_BYTES = 60L << 20;

  LimitedInput(InputStream in) {
    super(in);
  }

  @Override
  void checkCount() throws IOException {
    if (count() > MOST_BYTES) {
      throw tooLarge();
    }
  }

  static TooLargeException tooLarge() {
    return new TooLargeException(
        "the body of the request is larger than " + (MOST_BYTES >> 20) + " MiB");
  }
}
