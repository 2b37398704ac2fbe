package org.openmrs.sync2.node.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The benchmarks that need nodes. Each prints lines of JSON on stdout, and on stderr how far it is.
 */
@Command(name = "bench")
public final class Bench implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--proxy", required = true, description = "the program that makes a line slow")
  private Path proxy;

  @Parameters(description = "pull, slow-line or exchange")
  private String name;

  /** Exit codes: 0 measured, 1 failed, 2 misused. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    switch (name) {
      case PullBench.NAME -> System.out.println(new PullBench().run());
      case SlowLineBench.NAME -> new SlowLineBench(proxy).run();
      case ExchangeBench.NAME -> new ExchangeBench(proxy).run();
      default -> throw new ParameterException(spec.commandLine(), "there is no benchmark " + name);
    }
    return CommandLine.ExitCode.OK;
  }
}
