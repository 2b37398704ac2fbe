package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openmrs.sync2.SyncEngine;

/** The run of the demo with its two nodes. */
final class DemoRun {

  private static final long INTERVAL_SECONDS = 5;

  private static final String REASON = "the parent's clerk has seen the birth certificate";

  private final DemoNodes nodes;
  private final PrintStream out;
  private final boolean isTerminal = System.console() != null;

  /**
   * @param out where people read how far it is
   */
  DemoRun(DemoNodes nodes, PrintStream out) {
    this.nodes = nodes;
    this.out = out;
  }

  /** Loads the parent. */
  LeftOut load(ObjectSource source) throws IOException {
    try (Progress progress = progress("Loading the parent", source.size())) {
      return new NodeLoader(nodes.parentClient(), progress).load(source);
    }
  }

  /**
   * Has the child pull everything.
   *
   * @param objects how many were loaded: each has at least one event
   */
  PullResult pull(long objects) {
    nodes.publishEvents();
    try (Progress progress = progress("Pulling events", objects)) {
      return new ChildPull(nodes.childEngine()).pullAll(progress);
    }
  }

  /**
   * Edits both sides, and has the child pull and push until nothing is left to do.
   *
   * @param seed of new objects
   */
  PushResult editAndPush(long seed) throws IOException {
    TwoWaySync sync = new TwoWaySync(nodes);
    long idleRequests = sync.idleRequests();
    try (Progress progress = progress("Editing both sides", 0)) {
      new SideEdits(nodes.parentClient(), nodes.childClient(), progress).make(seed);
    }
    out.println("Pulling and pushing until nothing is left to do …");
    return sync.run(idleRequests);
  }

  /**
   * Has the same patient edited on both sides, has the child pull and push until the conflict is
   * met, decides it, and has the child pull and push until nothing is left to do.
   */
  ConflictResult editTheSameAndDecide() throws IOException {
    TwoWaySync sync = new TwoWaySync(nodes);
    long idleRequests = sync.idleRequests();
    SharedPatient patient = SharedPatient.editAtBoth(nodes.parentClient(), nodes.childClient());
    out.println("Edited " + patient.key() + " on both sides. Pulling and pushing …");
    String failure = sync.takeTurns();
    if (!failure.isEmpty()) {
      throw new DemoException("the child could not pull and push: " + failure);
    }
    OpenConflict conflict = OpenConflict.onlyOneOf(nodes.childClient());
    conflict.print(out);
    conflict.decideForParent(REASON);
    out.println("Decided for the parent's (\"" + REASON + "\"). Pulling and pushing …");
    PushResult push = sync.run(idleRequests);
    int open = OpenConflict.count(nodes.childClient()) + OpenConflict.count(nodes.parentClient());
    return new ConflictResult(
        new DecidedConflict(patient.key(), conflict.differences(), open, patient.isMerged()), push);
  }

  /** Changes an object of the child alone. */
  void plantDifference() throws IOException {
    out.println("Planted a difference in " + PlantedDifference.plant(nodes.childClient()));
  }

  /**
   * Compares every object of both sides.
   *
   * @param objects about how many there are
   */
  List<KindComparison> compare(long objects) throws IOException {
    try (Progress progress = progress("Comparing", objects)) {
      return new NodeComparer(nodes.parentClient(), nodes.childClient(), progress).compare();
    }
  }

  private Progress progress(String title, long total) {
    return new Progress(out, isTerminal, title, total);
  }

  /** Pulls each few seconds until the JVM ends. */
  void keepPulling() throws InterruptedException {
    out.println(
        "The child goes on pulling each "
            + INTERVAL_SECONDS
            + " seconds: change something at the parent and look at the child. Ctrl-C ends it.");
    SyncEngine child = nodes.childEngine();
    keepRunning(List.of(new RepeatedRun(out, "pull", child::pull)));
  }

  /** Pulls and pushes each few seconds until the JVM ends. */
  void keepPullingAndPushing() throws InterruptedException {
    out.println(
        "The child goes on pulling and pushing each "
            + INTERVAL_SECONDS
            + " seconds: change something on either side and look at the other. Ctrl-C ends it.");
    SyncEngine child = nodes.childEngine();
    keepRunning(
        List.of(
            new RepeatedRun(out, "pull", child::pull), new RepeatedRun(out, "push", child::push)));
  }

  /** The same of the leaf as well. */
  void keepPullingAndPushing(DemoNodes lower) throws InterruptedException {
    out.println(
        "The child and the leaf go on pulling and pushing each "
            + INTERVAL_SECONDS
            + " seconds: change something at any node and look at the others. Ctrl-C ends it.");
    SyncEngine child = nodes.childEngine();
    SyncEngine leaf = lower.childEngine();
    keepRunning(
        List.of(
            new RepeatedRun(out, "pull of the child", child::pull),
            new RepeatedRun(out, "push of the child", child::push),
            new RepeatedRun(out, "pull of the leaf", leaf::pull),
            new RepeatedRun(out, "push of the leaf", leaf::push)));
  }

  private static void keepRunning(List<RepeatedRun> runs) throws InterruptedException {
    while (true) {
      TimeUnit.SECONDS.sleep(INTERVAL_SECONDS);
      runs.forEach(RepeatedRun::run);
    }
  }
}
