package org.openmrs.sync2.acceptance.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.acceptance.Json;

class DocumentComparisonTest {

  private static List<String> compare(String parent, String child) throws IOException {
    return DocumentComparison.differences(
        Json.read(parent.getBytes(UTF_8)), Json.read(child.getBytes(UTF_8)));
  }

  @Test
  void differencesNameThePathAndBothValues() throws IOException {
    assertEquals(
        List.of("person.gender: parent \"F\", child \"M\"", "person.note: parent nothing, child 1"),
        compare(
            "{\"person\": {\"gender\": \"F\"}}", "{\"person\": {\"gender\": \"M\", \"note\": 1}}"));
  }

  @Test
  void anItemThatIsMissingIsADifference() throws IOException {
    assertEquals(1, compare("{\"names\": [{\"uuid\": \"a\"}]}", "{\"names\": []}").size());
  }

  @Test
  void theOrderOfListsMeansNothing() throws IOException {
    assertEquals(
        List.of(),
        compare(
            "{\"names\": [{\"uuid\": \"a\", \"given\": \"x\"}, {\"uuid\": \"b\"}]}",
            "{\"names\": [{\"uuid\": \"b\"}, {\"given\": \"x\", \"uuid\": \"a\"}]}"));
  }

  @Test
  void theValuesOfAGroupAreComparedInAnyOrder() throws IOException {
    String one = "{\"hasMember\": [1, 2], \"valueString\": \"120.0, sitting\"}";
    String other = "{\"hasMember\": [1, 2], \"valueString\": \"sitting, 120.0\"}";
    String changed = "{\"hasMember\": [1, 2], \"valueString\": \"sitting, 130.0\"}";
    assertEquals(List.of(), compare(one, other));
    assertEquals(1, compare(one, changed).size());
  }

  @Test
  void fieldThatEachServerWritesIsNotCompared() throws IOException {
    assertEquals(
        List.of(),
        compare(
            "{\"uuid\": \"a\", \"links\": [1], \"auditInfo\": {\"x\": 1}, \"resourceVersion\": 1}",
            "{\"uuid\": \"a\", \"links\": [2], \"meta\": {\"lastUpdated\": 1}, \"text\": 3}"));
  }
}
