package org.openmrs.sync2.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmrs.sync2.node.demo.DemoParts.GeneratedData;

/**
 * The API of a node that has something of everything, asked as its description says and otherwise.
 */
class OpenApiTest {

  private static final long PATIENCE_MINUTES = 20;

  private static final Path PROJECT = JavaProcess.PROJECT;

  @TempDir Path directory;

  @Test
  void aNodeThatIsAskedAtRandomAnswersAsItsDescriptionSays() throws Exception {
    Path schemathesis = PROJECT.resolve("target/schemathesis/bin/schemathesis");
    assumeTrue(
        Files.isExecutable(schemathesis),
        () -> schemathesis + " is missing: ./sync2 test system installs it");
    try (NodeProcess parent = NodeProcess.root("described-parent", directory);
        NodeProcess child = NodeProcess.waitingChild("described-child", directory, parent.url())) {
      parent.load(new GeneratedData(2, 5));
      child.http().run("pull");
      makeAConflict(parent.http(), child.http());
      child.http().run("pull");
      assertEquals(0, compared(schemathesis, child), () -> "see " + report());
    }
  }

  private static void makeAConflict(NodeHttp parent, NodeHttp child) throws Exception {
    ObjectNode patient = parent.objects("patient").values().iterator().next();
    parent.put(patient.deepCopy().put("birthDate", "1971-02-03"));
    child.put(patient.deepCopy().put("birthDate", "1972-03-04"));
  }

  /** The exit status of schemathesis: 0 without a finding. */
  private static int compared(Path schemathesis, NodeProcess node) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    schemathesis.toAbsolutePath().toString(),
                    "--config-file=schemathesis.toml",
                    "run",
                    PROJECT.resolve("docs/openapi.yaml").toAbsolutePath().toString(),
                    "--url=" + node.url() + "/ws/rest/v1/sync2",
                    "--auth="
                        + NodeProcess.ACCOUNT.username()
                        + ":"
                        + NodeProcess.ACCOUNT.password(),
                    "--max-examples=20"))
            .directory(PROJECT.resolve("tests/api").toFile())
            .redirectErrorStream(true)
            .redirectOutput(report().toFile())
            .start();
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("schemathesis did not end: see " + report());
    }
    return process.exitValue();
  }

  private static Path report() {
    return JavaProcess.OUTPUTS.resolve("schemathesis.log").toAbsolutePath();
  }
}
