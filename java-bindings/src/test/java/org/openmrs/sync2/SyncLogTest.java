package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.jdbc.JdbcHost;
import org.openmrs.sync2.jdbc.TestDatabases;

/** What Rust logs arrives at slf4j, as long as an engine is open. */
class SyncLogTest {

  @Test
  void messagesOfEveryThreadArriveWhileAnEngineIsOpen() throws Exception {
    try (ServerSocket parent = TestConfig.silentParent()) {
      String config = TestConfig.forParent(parent.getLocalPort());
      SyncEngine engine =
          SyncEngine.open(config, new JdbcHost(TestDatabases.h2()), TestConfig.NATIVE);
      assertEquals(
          Arrays.asList("ä 😀 on the calling thread", "ä 😀 on another thread"), logged("ä 😀"));
      engine.close();
      assertEquals(Collections.emptyList(), logged("ä 😀"));
    }
  }

  /** The messages with that text; slf4j-simple prints "[thread] LEVEL logger - message". */
  private static List<String> logged(String text) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(printed, true, "UTF-8"));
    try {
      NativeTesting.log(text);
    } finally {
      System.setErr(before);
    }
    return Arrays.stream(printed.toString("UTF-8").split("\n"))
        .filter(line -> line.contains("INFO org.openmrs.sync2.jni.testing - " + text))
        .map(line -> line.substring(line.indexOf(" - ") + 3))
        .collect(Collectors.toList());
  }
}
