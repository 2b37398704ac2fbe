package org.openmrs.sync2.acceptance;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.openmrs.sync2.acceptance.CaseResult.Outcome;
import org.openmrs.sync2.acceptance.cases.AccessCases;
import org.openmrs.sync2.acceptance.cases.ByNameCases;
import org.openmrs.sync2.acceptance.cases.ConflictCases;
import org.openmrs.sync2.acceptance.cases.ContentCases;
import org.openmrs.sync2.acceptance.cases.HostileCases;
import org.openmrs.sync2.acceptance.cases.LifecycleCases;
import org.openmrs.sync2.acceptance.cases.MergeCases;
import org.openmrs.sync2.acceptance.cases.MergedEditCases;
import org.openmrs.sync2.acceptance.cases.ModuleCases;
import org.openmrs.sync2.acceptance.cases.NurseCases;
import org.openmrs.sync2.acceptance.cases.OldDataCases;
import org.openmrs.sync2.acceptance.cases.OutageCases;
import org.openmrs.sync2.acceptance.cases.PartCases;
import org.openmrs.sync2.acceptance.cases.PushCases;
import org.openmrs.sync2.acceptance.cases.PushFailureCases;
import org.openmrs.sync2.acceptance.cases.RecordCases;
import org.openmrs.sync2.acceptance.cases.RemovalCases;
import org.openmrs.sync2.acceptance.cases.SameNameCases;
import org.openmrs.sync2.acceptance.cases.ScopeCases;
import org.openmrs.sync2.acceptance.cases.SearchCases;
import org.openmrs.sync2.acceptance.cases.TogetherCases;
import org.openmrs.sync2.acceptance.cases.UpdateCases;
import org.openmrs.sync2.acceptance.cases.VolumeCases;
import org.openmrs.sync2.acceptance.cases.ZoneCases;
import org.openmrs.sync2.acceptance.compare.RowComparison;
import picocli.CommandLine;

/**
 * {@code ./sync2 acceptance}: writes to a running parent or child, has the module on the child pull
 * or push, and compares. Exits with 0 when all is well, 1 when it is not, 2 when the command is
 * wrong.
 */
public final class AcceptanceSuite {

  private final Options options;
  private final PrintStream out;
  private final List<CaseResult> results = new ArrayList<>();
  private Map<String, String> versions = Map.of();

  private AcceptanceSuite(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** Every case, in the order in which they run: those that restart something come last. */
  static List<AcceptanceCase> cases() {
    List<AcceptanceCase> cases = new ArrayList<>();
    cases.addAll(LifecycleCases.all());
    cases.addAll(PartCases.all());
    cases.addAll(ContentCases.all());
    cases.addAll(RecordCases.all());
    cases.addAll(VolumeCases.all());
    cases.addAll(PushCases.all());
    cases.addAll(PushFailureCases.all());
    cases.addAll(MergedEditCases.all());
    cases.addAll(ConflictCases.all());
    cases.addAll(RemovalCases.all());
    cases.addAll(MergeCases.all());
    cases.addAll(TogetherCases.all());
    cases.addAll(OldDataCases.all());
    cases.addAll(SameNameCases.all());
    cases.addAll(SearchCases.all());
    cases.addAll(ByNameCases.all());
    cases.addAll(ZoneCases.all());
    cases.addAll(NurseCases.all());
    cases.addAll(AccessCases.all());
    cases.addAll(ScopeCases.all());
    cases.addAll(HostileCases.all());
    cases.addAll(OutageCases.all());
    cases.addAll(ModuleCases.all());
    cases.addAll(UpdateCases.all());
    return cases;
  }

  public static void main(String[] arguments) {
    Options options = new Options();
    CommandLine command = new CommandLine(options).setCommandName("./sync2 acceptance");
    try {
      command.parseArgs(arguments);
    } catch (CommandLine.ParameterException e) {
      System.err.println(e.getMessage());
      command.usage(System.err);
      System.exit(2);
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (command.isUsageHelpRequested()) {
      command.usage(out);
    } else {
      System.exit(new AcceptanceSuite(options, out).run());
    }
  }

  private int run() {
    List<AcceptanceCase> wanted =
        cases().stream().filter(one -> options.wants(one.name())).toList();
    if (options.list()) {
      wanted.forEach(one -> out.println(one.name()));
      return 0;
    }
    if (wanted.isEmpty()) {
      out.println("no case has such a name; --list lists them");
      return 2;
    }
    try (TwoServers servers = TwoServers.connect(options)) {
      servers.prepare();
      printHeading(servers);
      if (options.bench()) {
        new Benchmark(servers, options, out).run();
        return 0;
      }
      wanted.forEach(one -> runCase(one, servers));
    } catch (Exception e) {
      out.println("FAILED: " + e);
      add("servers", Outcome.FAILED, e.toString(), List.of(), 0);
    }
    return printResult();
  }

  private void printHeading(TwoServers servers) throws Exception {
    versions = servers.versions().names();
    out.println(LocalDate.now());
    versions.forEach((name, version) -> out.println(name + " " + version));
    out.println("categories in " + servers.standard().representations());
    if (!servers.unpublished().isEmpty()) {
      out.println(
          "the parent's feed does not tell of "
              + String.join(", ", servers.unpublished())
              + ": these are pulled by name");
    }
    out.println(
        servers.databases().isPresent()
            ? "rows are compared without "
                + String.join(", ", new TreeSet<>(RowComparison.IGNORED))
                + " and local keys"
            : "the databases are not compared: --parent-jdbc and --child-jdbc are missing");
  }

  private void runCase(AcceptanceCase one, TwoServers servers) {
    long start = System.nanoTime();
    Outcome outcome = Outcome.ok;
    String why = "";
    try {
      servers.configure(servers.standard());
      one.body().run(servers);
    } catch (CaseSkipped e) {
      outcome = Outcome.skipped;
      why = e.getMessage();
    } catch (CaseFailure e) {
      outcome = Outcome.FAILED;
      why = e.getMessage();
    } catch (Exception e) {
      outcome = Outcome.FAILED;
      why = e.toString();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    add(one.name(), outcome, why, servers.takeNotes(), seconds);
    out.println(results.get(results.size() - 1).line());
  }

  private void add(String name, Outcome outcome, String why, List<String> notes, double seconds) {
    results.add(new CaseResult(name, outcome, why, notes, seconds));
  }

  private int printResult() {
    long passed = count(Outcome.ok);
    long failed = count(Outcome.FAILED);
    long skipped = count(Outcome.skipped);
    String more = skipped == 0 ? "" : ", " + skipped + " skipped";
    out.println(passed + " passed, " + failed + " failed" + more);
    if (options.json()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("date", LocalDate.now().toString());
      result.put("versions", versions);
      result.put("passed", passed);
      result.put("failed", failed);
      result.put("skipped", skipped);
      result.put("cases", results);
      out.println(Json.write(result));
    }
    return failed == 0 ? 0 : 1;
  }

  private long count(Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }
}
