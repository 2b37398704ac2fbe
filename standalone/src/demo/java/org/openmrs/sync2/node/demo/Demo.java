package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Shows the main job: loads a parent, has a child pull from it, and push to it, and compares every
 * object.
 */
@Command(
    name = "sync2 demo",
    sortOptions = false,
    description = {
      "Starts a parent and a child on this machine, loads the parent, has the child pull, and"
          + " compares every object of both. Then something is left for a person to do on the page,"
          + " both stay up, and the child goes on pulling, until Ctrl-C.",
      "Exits with 0 only if all is equal, nothing is parked and, after a push, the network is"
          + " silent and no conflict is left; 1 if not, 2 if the options are wrong."
    })
public final class Demo implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--patients",
      paramLabel = "N",
      description = "how many patients are made up (default: 100)")
  private Integer patients;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "the same seed makes up the same patients (default: 1)")
  private Long seed;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "loads FHIR R4 transaction Bundles instead: a file, a folder or a .tar.xz")
  private Path data;

  @Option(
      names = "--push",
      description =
          "edits both sides after the pull, and has the child pull and push until nothing is left"
              + " to do; one more of each must change and send nothing")
  private boolean push;

  @Option(
      names = "--conflict",
      description =
          "edits the same field of a patient on both sides after the pull, says what the conflict"
              + " is, decides it, and has the child pull and push until both have what was decided")
  private boolean conflict;

  @Option(
      names = "--levels",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "with 3, a leaf below the child: edits a patient at each node after the pull, and has the"
              + " child and the leaf pull and push until nothing is left to do; all three must be"
              + " equal (default: 2)")
  private int levels;

  @Option(names = "--once", description = "ends after the comparison")
  private boolean once;

  @Option(
      names = "--json",
      description =
          "the last line of the output is one JSON object; the rest goes to the error output")
  private boolean json;

  @Option(
      names = "--plant-difference",
      description = "changes one object of the child before the comparison, which must find it")
  private boolean plantDifference;

  @Option(
      names = "--parent-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "default: 8081")
  private int parentPort;

  @Option(
      names = "--child-port",
      paramLabel = "PORT",
      defaultValue = "8082",
      description = "default: 8082")
  private int childPort;

  @Option(
      names = "--leaf-port",
      paramLabel = "PORT",
      defaultValue = "8083",
      description = "with --levels 3 (default: 8083)")
  private int leafPort;

  @Option(
      names = "--workdir",
      paramLabel = "DIR",
      description =
          "keeps both databases in this folder, which must be empty (default: a temporary one)")
  private Path workdir;

  @Option(names = "--help", usageHelp = true, description = "this page")
  private boolean help;

  /** Runs the command line. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Demo()).setExecutionExceptionHandler(Demo::tell);
  }

  /** A refusal of the demo itself needs no stack trace. */
  private static int tell(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(e instanceof DemoException)) {
      throw e;
    }
    command.getErr().println("sync2 demo: " + e.getMessage());
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public Integer call() throws Exception {
    requirePorts();
    requireEmptyWorkdir();
    require(!(conflict && push), "--conflict excludes --push: it pushes, too");
    require(levels == 2 || levels == 3, "--levels must be 2 or 3");
    require(levels == 2 || !(push || conflict), "--levels 3 excludes --push and --conflict");
    ObjectSource source = source();
    OpenParts open = new OpenParts();
    try (open) {
      return run(source, open) ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    } catch (Exception e) {
      if (open.jvmEnds()) {
        return CommandLine.ExitCode.SOFTWARE;
      }
      throw e;
    }
  }

  private ObjectSource source() throws IOException {
    if (data == null) {
      int number = patients == null ? 100 : patients;
      require(number > 0, "--patients must be at least 1");
      return new GeneratedSource(seed(), number);
    }
    require(patients == null && seed == null, "--data excludes --patients and --seed");
    require(Files.isReadable(data), "--data: " + data + " is not there or cannot be read");
    return BundleSource.open(data);
  }

  private long seed() {
    return seed == null ? 1 : seed;
  }

  private void requirePorts() {
    requirePort("--parent-port", parentPort);
    requirePort("--child-port", childPort);
    require(parentPort != childPort, "--parent-port and --child-port must differ");
    if (levels == 3) {
      requirePort("--leaf-port", leafPort);
      boolean differs = leafPort != parentPort && leafPort != childPort;
      require(differs, "--leaf-port must differ from the other ports");
    }
  }

  private void requirePort(String option, int port) {
    require(port > 0 && port <= 65_535, option + " must be from 1 to 65535");
  }

  private void requireEmptyWorkdir() throws IOException {
    if (workdir != null && Files.exists(workdir)) {
      try (Stream<Path> files = Files.list(workdir)) {
        require(files.findAny().isEmpty(), "--workdir: " + workdir + " is not empty");
      }
    }
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** Returns true if all is equal. */
  private boolean run(ObjectSource source, OpenParts open) throws Exception {
    PrintStream out = json ? System.err : System.out;
    out.println("Starting a parent and a child …");
    Path folder = workdir == null ? open.opened(TemporaryFolder.create()).path() : workdir;
    DemoNodes nodes = DemoNodes.start(folder, new DemoNodes.Ports(parentPort, childPort), open);
    out.print(nodes.addresses());
    DemoRun run = new DemoRun(nodes, out);
    Optional<DemoNodes> lower = Optional.empty();
    if (levels == 3) {
      lower = Optional.of(nodes.startLeaf(folder, leafPort, open));
      out.println("Leaf:   " + lower.get().childUrl());
    }
    Optional<LevelsRun> chain = lower.map(leaf -> new LevelsRun(nodes, leaf, out));
    DemoReport report = report(run, chain, source);
    report.print(out);
    if (json) {
      System.out.println(report.json());
    }
    if (!once) {
      new WorkLeft(nodes).leave(out);
      keepGoing(run, lower);
    }
    return report.isEqual();
  }

  private DemoReport report(DemoRun run, Optional<LevelsRun> chain, ObjectSource source)
      throws IOException {
    LeftOut leftOut = run.load(source);
    PullResult pulled = run.pull(source.size());
    Optional<PushResult> pushed = Optional.empty();
    Optional<DecidedConflict> decided = Optional.empty();
    if (push) {
      pushed = Optional.of(run.editAndPush(seed() + 1));
    }
    if (conflict) {
      ConflictResult result = run.editTheSameAndDecide();
      pushed = Optional.of(result.push());
      decided = Optional.of(result.conflict());
    }
    Optional<LevelsResult> reached = Optional.empty();
    if (chain.isPresent()) {
      reached = Optional.of(chain.get().editAtEach());
      pushed = reached.map(LevelsResult::push);
    }
    if (plantDifference) {
      run.plantDifference();
    }
    List<KindComparison> kinds = run.compare(source.size());
    return new DemoReport(leftOut, pulled, pushed, decided, reached, kinds);
  }

  private void keepGoing(DemoRun run, Optional<DemoNodes> lower) throws InterruptedException {
    if (lower.isPresent()) {
      run.keepPullingAndPushing(lower.get());
    } else if (push || conflict) {
      run.keepPullingAndPushing();
    } else {
      run.keepPulling();
    }
  }
}
