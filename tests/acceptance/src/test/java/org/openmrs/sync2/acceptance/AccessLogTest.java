package org.openmrs.sync2.acceptance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

  @Test
  void onlyLaterRequestsOfOthersAreForeign(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("access.log"), "\"GET /before\" \"curl\"\n");
    AccessLog log = AccessLog.fromNow(file);
    String own = "\"POST /ws/rest/v1/sync2/pull\" 202 \"sync2-acceptance\"";
    String foreign = "\"GET /ws/fhir2/R4/Patient\" 200 \"Apache-HttpClient\"";
    Files.writeString(file, own + "\n" + foreign + "\n", StandardOpenOption.APPEND);
    assertEquals(List.of(own, foreign), log.lines());
    assertEquals(List.of(foreign), log.foreignRequests());
  }
}
