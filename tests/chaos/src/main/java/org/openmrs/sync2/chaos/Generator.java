package org.openmrs.sync2.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.openmrs.sync2.chaos.Fault.Target;
import org.openmrs.sync2.chaos.Step.Deed;
import org.openmrs.sync2.chaos.Step.Runs;

/** Makes schedules up, each from its seed alone. */
final class Generator {

  /** So many schedules in a row have the same nodes, so that these need not be started anew. */
  static final int IN_A_ROW = 20;

  private static final int FEWEST_PIECES = 5;
  private static final int MORE_PIECES = 5;
  private static final int MOST_SKIPPED = 3;

  /** What happens to single requests. */
  private static final List<Fault.Kind> SMALL_FAULTS =
      List.of(
          Fault.Kind.CUT,
          Fault.Kind.DROP_ANSWER,
          Fault.Kind.HALF_ANSWER,
          Fault.Kind.LIE_502,
          Fault.Kind.LIE_502_AFTER,
          Fault.Kind.TWICE,
          Fault.Kind.DELAY,
          Fault.Kind.THROTTLE,
          Fault.Kind.AGAIN_LATE);

  /** What may follow on what, while the first is held back. */
  private static final List<List<Deed>> LATE =
      List.of(
          List.of(Deed.CREATE, Deed.REMOVE),
          List.of(Deed.CREATE, Deed.EDIT),
          List.of(Deed.EDIT, Deed.UNDO),
          List.of(Deed.EDIT, Deed.EDIT),
          List.of(Deed.EDIT, Deed.REMOVE),
          List.of(Deed.REMOVE, Deed.RESTORE),
          List.of(Deed.REMOVE, Deed.UNREMOVE));

  private final Random random;
  private final long seed;
  private final Topology topology;
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  private Generator(long seed) {
    this.random = new Random(seed * 7_919);
    this.seed = seed;
    boolean isChain = (seed - 1) / IN_A_ROW % 2 == 1;
    boolean isPair = random.nextBoolean();
    this.topology = isChain ? Topology.CHAIN : isPair ? Topology.PAIR : Topology.STAR;
  }

  /** The schedule of a seed, from 1. */
  static Schedule schedule(long seed) {
    Generator generator = new Generator(seed);
    generator.fill();
    boolean arrivesLast = generator.random.nextBoolean();
    return new Schedule(seed, generator.topology, generator.kinds, generator.steps, arrivesLast);
  }

  private void fill() {
    // The first is there for observations to be of somebody, and nobody touches it.
    create(Topology.ROOT, Kind.PATIENT);
    create(Topology.ROOT, Kind.PATIENT);
    create(child(), Kind.PATIENT);
    topology.children().forEach(child -> steps.add(new Step.Run(child, Runs.PUSH)));
    synchronizeAll();
    int pieces = FEWEST_PIECES + random.nextInt(MORE_PIECES);
    int heavy = 1 + random.nextInt(pieces - 1);
    for (int piece = 0; piece < pieces; piece++) {
      if (piece == heavy) {
        addHeavy();
      }
      addPiece();
    }
  }

  private void synchronizeAll() {
    List<String> children = topology.children();
    for (int place = children.size() - 1; place >= 0; place--) {
      steps.add(new Step.Run(children.get(place), Runs.PULL));
    }
  }

  private void addPiece() {
    switch (random.nextInt(12)) {
      case 0, 1 -> write(node());
      case 2 -> crossedEdits();
      case 3, 4 -> faultyRun();
      case 5, 6, 7, 8 -> lateRequest();
      case 9 -> writesWhileRunning();
      case 10 -> decide();
      default -> run();
    }
  }

  /** Faults that take seconds are one in a schedule, and not in each. */
  private void addHeavy() {
    switch ((int) (seed % IN_A_ROW)) {
      case 3, 13 -> killed(Fault.Kind.KILL_CHILD);
      case 6, 16 -> killed(Fault.Kind.KILL_PARENT);
      case 9 -> frozen(Fault.Kind.FREEZE_PARENT);
      case 19 -> frozen(Fault.Kind.FREEZE_CHILD);
      case 0 -> restored(Topology.ROOT);
      case 10 -> restored("A");
      case 5 -> cloned();
      case 15 -> diskFull();
      case 7, 17 -> clockSet();
      default -> {}
    }
  }

  private void create(String node, Kind kind) {
    kinds.add(kind);
    steps.add(new Step.Write(node, Deed.CREATE, kinds.size() - 1, 0));
  }

  private void create(String node) {
    create(node, random.nextInt(3) == 0 ? Kind.OBSERVATION : Kind.PATIENT);
  }

  private void write(String node) {
    switch (random.nextInt(8)) {
      case 0 -> create(node);
      case 1 -> write(node, Deed.REMOVE, object());
      case 2 -> write(node, Deed.RESTORE, object());
      case 3 -> write(node, Deed.UNDO, object());
      default -> write(node, Deed.EDIT, object());
    }
  }

  private void write(String node, Deed deed, int object) {
    int field = random.nextInt(kinds.get(object).fields().size());
    steps.add(new Step.Write(node, deed, object, field));
  }

  /** Two who do not know of each other. */
  private void crossedEdits() {
    int object = object();
    String child = child();
    write(child, random.nextInt(4) == 0 ? Deed.REMOVE : Deed.EDIT, object);
    write(parentOf(child), random.nextInt(4) == 0 ? Deed.REMOVE : Deed.EDIT, object);
  }

  private void faultyRun() {
    String child = child();
    write(child);
    write(parentOf(child));
    int faults = 1 + random.nextInt(2);
    for (int fault = 0; fault < faults; fault++) {
      Fault.Kind kind = SMALL_FAULTS.get(random.nextInt(SMALL_FAULTS.size()));
      int times = random.nextInt(4) == 0 ? Fault.ALWAYS : 1 + random.nextInt(2);
      steps.add(new Step.Arm(child, new Fault(kind, target(), skipped(), times)));
    }
    steps.add(new Step.Run(child, runs()));
    steps.add(new Step.Heal(child));
    if (random.nextBoolean()) {
      steps.add(new Step.Release(child));
    }
  }

  /** What is sent first is held back until what follows on it is done, and sent or not. */
  private void lateRequest() {
    String child = child();
    List<Deed> deeds = LATE.get(random.nextInt(LATE.size()));
    int object = object();
    if (deeds.get(0) == Deed.CREATE) {
      create(child);
      object = kinds.size() - 1;
    } else {
      write(child, deeds.get(0), object);
    }
    // The first request asks whether there is an exchange.
    steps.add(new Step.Arm(child, new Fault(Fault.Kind.HOLD, Target.WRITE, 1, 1)));
    if (random.nextInt(3) > 0) {
      steps.add(new Step.Arm(child, new Fault(Fault.Kind.CUT, Target.ANY, 1, Fault.ALWAYS)));
    }
    steps.add(new Step.Run(child, Runs.PUSH));
    steps.add(new Step.Heal(child));
    write(child, deeds.get(1), object);
    if (random.nextInt(4) > 0) {
      steps.add(new Step.Run(child, Runs.PUSH));
    }
    if (random.nextInt(3) == 0) {
      steps.add(new Step.Run(child, Runs.PULL));
    }
    if (random.nextInt(3) > 0) {
      steps.add(new Step.Release(child));
      steps.add(new Step.Run(child, runs()));
    }
  }

  private void writesWhileRunning() {
    String child = child();
    write(child);
    write(parentOf(child));
    steps.add(new Step.Begin(child, Runs.BOTH));
    for (int written = 0; written < 3; written++) {
      steps.add(new Step.Write(either(child), Deed.EDIT, object(), 0));
    }
    steps.add(new Step.Finish(child));
  }

  private void decide() {
    steps.add(new Step.Decide(child(), object(), random.nextBoolean() ? "ours" : "theirs"));
  }

  private void run() {
    steps.add(new Step.Run(child(), runs()));
  }

  private void killed(Fault.Kind kind) {
    String child = child();
    write(child);
    write(parentOf(child));
    steps.add(new Step.Arm(child, new Fault(kind, target(), skipped(), 1)));
    steps.add(new Step.Run(child, runs()));
    steps.add(new Step.Heal(child));
    String died = kind == Fault.Kind.KILL_CHILD ? child : parentOf(child);
    // Where no request came for it.
    steps.add(new Step.Kill(died));
    steps.add(new Step.Recover(died));
    write(died);
  }

  private void frozen(Fault.Kind kind) {
    String child = child();
    write(child);
    steps.add(new Step.Arm(child, new Fault(kind, Target.WRITE, 1, 1)));
    if (kind == Fault.Kind.FREEZE_CHILD) {
      steps.add(new Step.Begin(child, Runs.PUSH));
      write(parentOf(child));
      steps.add(new Step.Finish(child));
    } else {
      steps.add(new Step.Run(child, Runs.PUSH));
      write(child);
      steps.add(new Step.Recover(parentOf(child)));
    }
    steps.add(new Step.Heal(child));
  }

  private void restored(String node) {
    steps.add(new Step.Copy(node));
    write(node);
    write(child());
    run();
    run();
    write(child());
    steps.add(new Step.Restore(node, node));
    write(node);
  }

  private void cloned() {
    if (topology != Topology.STAR) {
      restored(topology == Topology.CHAIN ? "B" : "A");
      return;
    }
    steps.add(new Step.Copy("A"));
    write("A");
    write("B");
    run();
    steps.add(new Step.Restore("B", "A"));
    write("B");
  }

  private void diskFull() {
    String node = node();
    write(node);
    steps.add(new Step.FillDisk(node));
    write(node);
    write(node);
    topology.children().forEach(child -> steps.add(new Step.Run(child, runs())));
    steps.add(new Step.Recover(node));
    write(node);
  }

  private void clockSet() {
    String node = node();
    long[] far = {-86_400L, -3_600L, 3_600L, 400 * 86_400L};
    steps.add(new Step.SetClock(node, far[random.nextInt(far.length)]));
    write(node);
    topology.children().forEach(child -> steps.add(new Step.Run(child, runs())));
    write(node);
    topology.children().forEach(child -> steps.add(new Step.Run(child, runs())));
    steps.add(new Step.SetClock(node, 0));
  }

  private String node() {
    return topology.nodes().get(random.nextInt(topology.nodes().size()));
  }

  private String child() {
    return topology.children().get(random.nextInt(topology.children().size()));
  }

  private String parentOf(String child) {
    return topology.parents().get(child);
  }

  private String either(String child) {
    return random.nextBoolean() ? child : parentOf(child);
  }

  /** Any but the first. */
  private int object() {
    return 1 + random.nextInt(kinds.size() - 1);
  }

  private Runs runs() {
    return Runs.values()[random.nextInt(Runs.values().length)];
  }

  private Target target() {
    return Target.values()[random.nextInt(Target.values().length)];
  }

  private int skipped() {
    return random.nextInt(MOST_SKIPPED);
  }
}
