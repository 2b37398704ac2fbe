package org.openmrs.sync2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The findings of a connection test. */
public final class SyncConnectionTest {

  /** One step of the test. */
  public static final class Check {
    private String name;
    private String category;
    private boolean ok;
    private String message;
    private long milliseconds;

    private Check() {}

    /**
     * {@code dns} and {@code connect} ({@code proxyDns} and {@code proxyConnect} when there is a
     * proxy in between), {@code http} or {@code tls}, {@code logIn}, {@code feed}, {@code fhir},
     * {@code rest}, {@code versions}, {@code clock} or {@code zone}.
     */
    public String name() {
      return name;
    }

    /** The category that it is about, such as {@code patient}; null if it is about none. */
    public String category() {
      return category;
    }

    /** Returns true if it is well. */
    public boolean ok() {
      return ok;
    }

    /** Returns the finding; if it is not well, what to do. */
    public String message() {
      return message;
    }

    /** How long it took. */
    public long milliseconds() {
      return milliseconds;
    }
  }

  private boolean ok;
  private List<Check> checks = new ArrayList<>();
  private Map<String, String> versions = new TreeMap<>();
  private Long clockDifferenceMs;
  private Integer zoneDifferenceSeconds;

  private SyncConnectionTest() {}

  /** Returns true if every check is well. */
  public boolean ok() {
    return ok;
  }

  /**
   * The checks in their order. After one that everything else depends on has failed, the rest is
   * not tried.
   */
  public List<Check> checks() {
    return Collections.unmodifiableList(checks);
  }

  /**
   * The versions that the parent tells this account: {@code openmrs}, modules by their ids, {@code
   * hapi}, {@code fhir}.
   */
  public Map<String, String> versions() {
    return Collections.unmodifiableMap(versions);
  }

  /**
   * How far the parent's clock is ahead of this server's, in milliseconds, exact to about half a
   * second; negative when it is behind, null when the parent tells no time.
   */
  public Long clockDifferenceMs() {
    return clockDifferenceMs;
  }

  /**
   * How far the parent's clocks on the wall are ahead of this server's, in seconds, because of
   * their time zones; null when either zone is not known.
   */
  public Integer zoneDifferenceSeconds() {
    return zoneDifferenceSeconds;
  }
}
