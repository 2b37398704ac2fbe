package org.openmrs.sync2.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for each batch costs what the batch asks for, however much a node keeps. */
class NodeHostPlansTest {

  private static final int KEPT = 100;

  private static final Pattern SCANNED = Pattern.compile("scanCount: (\\d+)");

  private static TestNode node;

  @BeforeAll
  static void keepsMuch() throws Exception {
    node = TestNode.start(false);
    node.host.begin();
    for (int i = 0; i < KEPT; i++) {
      String patient = "{\"resourceType\": \"Patient\", \"id\": \"" + uuid(i) + "\"}";
      node.host.save("fhir", "patient", uuid(i), patient.getBytes(UTF_8));
      String visitType = "{\"uuid\": \"" + uuid(i) + "\", \"name\": \"" + i + "\"}";
      node.host.save("rest", "visittype", uuid(i), visitType.getBytes(UTF_8));
    }
    node.host.commit();
  }

  @AfterAll
  static void stops() throws Exception {
    node.close();
  }

  private static String uuid(int number) {
    return String.format("00000000-0000-4000-8000-%012d", number);
  }

  @ParameterizedTest
  @ValueSource(strings = {NodeHost.RESOURCES_HERE, NodeHost.METADATA_HERE, NodeHost.DOCUMENTS_HERE})
  void aQuestionForSomeObjectsReadsTheRowsOfThoseOnly(String statement) throws Exception {
    String[] asked = {uuid(1), uuid(KEPT / 2), uuid(KEPT - 1), uuid(KEPT)};

    node.host.begin();
    String plan =
        (String) node.host.query("EXPLAIN ANALYZE " + statement, new Object[] {asked})[0][0];
    node.host.rollback();

    Matcher scanned = SCANNED.matcher(plan);
    assertTrue(scanned.find(), plan);
    do {
      // A join reads one row more for each of the other side.
      assertTrue(Integer.parseInt(scanned.group(1)) <= 2 * asked.length, plan);
    } while (scanned.find());
  }

  @Test
  void existenceIsAskedByKindAndUuid() throws Exception {
    node.host.begin();
    boolean[] exist =
        node.host.exists(
            new String[] {"patient", "visittype", "encounter", "patient", "no such kind"},
            new String[] {uuid(1), uuid(1), uuid(1), uuid(KEPT), uuid(1)});
    node.host.rollback();

    assertArrayEquals(new boolean[] {true, true, false, false, false}, exist);
  }
}
