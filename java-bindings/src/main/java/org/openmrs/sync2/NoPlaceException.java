package org.openmrs.sync2;

/** No further exchange may be open now. */
final class NoPlaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** When the child is to come again. */
  final long retryAfterSeconds;

  private NoPlaceException(String message, long retryAfterSeconds) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The account has its own to end. */
  static NoPlaceException ofAccount() {
    return new NoPlaceException(
        "this account has as many exchanges open as it may: end one, or come later", 1);
  }

  static NoPlaceException ofAll(long retryAfterSeconds) {
    return new NoPlaceException(
        "as many children as may be (exchange.maxOpen) have exchanges open here: come later",
        retryAfterSeconds);
  }
}
