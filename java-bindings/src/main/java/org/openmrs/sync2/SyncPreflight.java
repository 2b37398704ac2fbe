package org.openmrs.sync2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The findings of the checks before the first sync. */
public final class SyncPreflight {

  /** One check. */
  public static final class Check {
    private String check;
    private String result;
    private String what;
    private String todo;
    private JsonNode details;

    private Check() {}

    /** Its name, such as {@code reach} or {@code metadata}. */
    public String check() {
      return check;
    }

    /** {@code ok}, {@code unknown}, {@code warning} or {@code failed}. */
    public String result() {
      return result;
    }

    /** Returns the finding, for the person who must act. */
    public String what() {
      return what;
    }

    /** Returns what to do; empty where there is nothing to do. */
    public String todo() {
      return todo;
    }

    /** The figures and names that it is based on, as JSON; null where there are none. */
    public String details() {
      return details == null ? null : details.toString();
    }
  }

  private String result;
  private List<Check> checks = new ArrayList<>();

  private SyncPreflight() {}

  /** The worst result of the checks; what is unknown does not count. */
  public String result() {
    return result;
  }

  /** The checks in their order. Where the parent is not reached the rest is not tried. */
  public List<Check> checks() {
    return Collections.unmodifiableList(checks);
  }
}
