package org.openmrs.sync2.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.openmrs.sync2.node.demo.DemoParts;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/**
 * Two standalone nodes, each a process of its own. Both are edited each second, and the child pulls
 * and pushes each second. In the second quarter of the time they are restarted by turns, every
 * other time by {@code kill -9}. Prints one line of JSON: what the first and the last quarter took
 * of the machine, what the tables hold, and whether both nodes have the same at the end.
 *
 * <p>The last life of both begins with the third quarter, so it is half of the time long.
 */
final class Soak {

  private static final int PATIENTS = 40;
  private static final int RESTARTS = 8;
  private static final int SAMPLES_A_QUARTER = 15;
  private static final Duration WARM_UP_AT_MOST = Duration.ofMinutes(4);

  private final NodeProcess parent;
  private final NodeProcess child;
  private final Duration quarter;
  private final List<SoakSample> samples = new ArrayList<>();
  private int restarts;

  private Soak(NodeProcess parent, NodeProcess child, Duration time) {
    this.parent = parent;
    this.child = child;
    this.quarter = time.dividedBy(4);
  }

  /**
   * Takes how many minutes it is to last, and an empty folder. Ends with 1 if anything is amiss.
   */
  public static void main(String[] arguments) throws Exception {
    Duration time = Duration.ofMinutes(Integer.parseInt(arguments[0]));
    Path directory = Files.createDirectories(Path.of(arguments[1]));
    try (NodeProcess parent = NodeProcess.root("soak-parent", directory)) {
      parent.load(new GeneratedData(1, PATIENTS));
      try (NodeProcess child = NodeProcess.pushingChild("soak-child", directory, parent.url())) {
        ObjectNode report = new Soak(parent, child, time).run(directory);
        System.out.println(report);
        System.exit(report.get("problems").isEmpty() ? 0 : 1);
      }
    }
  }

  private ObjectNode run(Path directory) throws Exception {
    awaitEqual();
    List<SoakEditor> editors = List.of(SoakEditor.start(parent, 0), SoakEditor.start(child, 1));
    warmUp();
    passQuarter(0);
    restartThroughQuarter();
    passQuarter(2);
    passQuarter(3);
    ObjectNode report = NodeHttp.MAPPER.createObjectNode().put("minutes", quarter.toMinutes() * 4);
    long edits = 0;
    for (SoakEditor editor : editors) {
      edits += editor.stop();
    }
    report.put("edits", edits).put("restarts", restarts);
    new SoakFigures(samples).addTo(report);
    addContents(report);
    addTables(report, directory);
    return report;
  }

  /** The compilers, caches and pools are filled before anything is compared. */
  private void warmUp() throws InterruptedException {
    Duration third = quarter.dividedBy(3);
    Thread.sleep((third.compareTo(WARM_UP_AT_MOST) < 0 ? third : WARM_UP_AT_MOST).toMillis());
  }

  private void passQuarter(int number) throws Exception {
    for (int sample = 0; sample < SAMPLES_A_QUARTER; sample++) {
      Thread.sleep(quarter.toMillis() / SAMPLES_A_QUARTER);
      samples.add(SoakSample.of("parent", number, parent));
      samples.add(SoakSample.of("child", number, child));
    }
  }

  private void restartThroughQuarter() throws Exception {
    for (; restarts < RESTARTS; restarts++) {
      Thread.sleep(quarter.toMillis() / RESTARTS);
      NodeProcess node = restarts % 2 == 0 ? child : parent;
      if (restarts % 4 < 2) {
        node.kill();
      } else {
        node.stop();
      }
      node.start();
    }
  }

  private void awaitEqual() throws Exception {
    Await.until("both nodes to have the same", this::unequal, List::isEmpty);
  }

  private List<String> unequal() throws Exception {
    return DemoParts.unequal(parent.url(), child.url(), NodeProcess.ACCOUNT);
  }

  private void addContents(ObjectNode report) throws Exception {
    awaitEqual();
    List<String> problems = new ArrayList<>();
    for (String list : List.of("parked", "conflicts")) {
      for (NodeProcess node : List.of(parent, child)) {
        JsonNode listed = node.http().get("/ws/rest/v1/sync2/" + list);
        if (!listed.isEmpty()) {
          problems.add(list + ": " + listed);
        }
      }
    }
    problems.forEach(report.putArray("problems")::add);
  }

  private void addTables(ObjectNode report, Path directory) throws Exception {
    parent.stop();
    child.stop();
    report.set("parentRows", SoakTables.rows(directory.resolve("soak-parent")));
    report.set("childRows", SoakTables.rows(directory.resolve("soak-child")));
  }
}
