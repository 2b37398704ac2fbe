package org.openmrs.sync2;

import java.util.Arrays;

/** The content coding {@code gzip} of HTTP (RFC 9110, section 8.4). */
public final class Gzip {

  /** The name of the coding, as headers have it. */
  public static final String CODING = "gzip";

  private Gzip() {}

  /**
   * Returns true if an answer may have this coding.
   *
   * @param acceptEncoding the header {@code Accept-Encoding}; may be null
   */
  public static boolean isAccepted(String acceptEncoding) {
    String[] codings = acceptEncoding == null ? new String[0] : acceptEncoding.split(",");
    return Arrays.stream(codings).map(coding -> coding.split(";")).anyMatch(Gzip::isWanted);
  }

  /** Of a coding and its weight: a weight of zero means that it is not wanted. */
  private static boolean isWanted(String[] coding) {
    boolean refused = coding.length > 1 && coding[1].trim().matches("(?i)q *= *0(\\.0*)?");
    return coding[0].trim().equalsIgnoreCase(CODING) && !refused;
  }
}
