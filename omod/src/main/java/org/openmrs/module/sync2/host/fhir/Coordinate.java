package org.openmrs.module.sync2.host.fhir;

import java.math.BigDecimal;

/** A latitude or longitude of a location, in degrees: a text in OpenMRS, a number in FHIR. */
final class Coordinate {

  private Coordinate() {}

  /**
   * Returns the text for OpenMRS. A text that says the same number stays as it is written, and so
   * does one that the FHIR module does not give, because it is negative or no number.
   *
   * @param here null when OpenMRS has none
   * @param named null when the document has none
   */
  static String merged(String here, BigDecimal named) {
    BigDecimal known = number(here);
    if (named == null) {
      return known != null && known.signum() >= 0 ? null : here;
    }
    return known != null && known.compareTo(named) == 0 ? here : named.toPlainString();
  }

  private static BigDecimal number(String text) {
    try {
      return text == null ? null : new BigDecimal(text.trim());
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
