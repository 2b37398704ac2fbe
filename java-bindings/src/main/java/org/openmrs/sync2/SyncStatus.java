package org.openmrs.sync2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The state of a node, and what waits at it. */
public final class SyncStatus {

  /** Something that somebody has to do something about. */
  public static final class Note {
    private String kind;
    private String message;

    private Note() {}

    /** The kind of failure, such as {@code NotFound}; see {@link SyncException#kind()}. */
    public String kind() {
      return kind;
    }

    /** Which categories are concerned, what happened and what to do. */
    public String message() {
      return message;
    }
  }

  private String node;
  private String version;
  private String parent;
  private boolean pullEnabled;
  private List<String> warnings = new ArrayList<>();
  private long pullIntervalSeconds;
  private SyncRun pull;
  private boolean pushEnabled;
  private long pushIntervalSeconds;
  private SyncRun push;
  private Boolean pushExchange;
  private Long lagMs;
  private long parked;
  private long conflicts;
  private Map<String, SyncRun.Failure> held = new TreeMap<>();
  private List<Note> notes = new ArrayList<>();
  private String commit;
  private List<String> problems = new ArrayList<>();

  private SyncStatus() {}

  /** The name of this node. */
  public String node() {
    return node;
  }

  /** The version of the engine. */
  public String version() {
    return version;
  }

  /** The address of the parent; null when this node has none. */
  public String parent() {
    return parent;
  }

  /** Returns true if pulls are scheduled. */
  public boolean pullEnabled() {
    return pullEnabled;
  }

  /**
   * Returns what the configuration allows but can hardly mean, one sentence each, such as that
   * nothing is pulled.
   */
  public List<String> warnings() {
    return Collections.unmodifiableList(warnings);
  }

  /** From the end of one scheduled pull to the start of the next. */
  public long pullIntervalSeconds() {
    return pullIntervalSeconds;
  }

  /** The pull that is under way or was last; null before the first one since the engine opened. */
  public SyncRun pull() {
    return pull;
  }

  /** Returns true if a pull is under way here. */
  public boolean running() {
    return pull != null && pull.state().equals("running");
  }

  /** Returns true if pushes are scheduled. */
  public boolean pushEnabled() {
    return pushEnabled;
  }

  /** From the end of one scheduled push to the start of the next. */
  public long pushIntervalSeconds() {
    return pushIntervalSeconds;
  }

  /** The push that is under way or was last; null before the first one since the engine opened. */
  public SyncRun push() {
    return push;
  }

  /**
   * Returns whether that push sends in batches, since the parent has this module too; null when it
   * had nothing to send yet.
   */
  public Boolean pushExchange() {
    return pushExchange;
  }

  /** How old the newest event is that was passed, in milliseconds; null before the first event. */
  public Long lagMs() {
    return lagMs;
  }

  /** How many records wait. */
  public long parked() {
    return parked;
  }

  /** How many conflicts wait for a person. */
  public long conflicts() {
    return conflicts;
  }

  /** The categories that the last run of the feeds, or a run since, had to leave, and why. */
  public Map<String, SyncRun.Failure> held() {
    return Collections.unmodifiableMap(held);
  }

  /** Returns the failures that the last run met and an administrator has to do something about. */
  public List<Note> notes() {
    return Collections.unmodifiableList(notes);
  }

  /** The commit that the program was built from, or {@code unknown}. */
  public String commit() {
    return commit;
  }

  /** Returns what an administrator should know and do, a sentence each; empty when all is well. */
  public List<String> problems() {
    return Collections.unmodifiableList(problems);
  }
}
