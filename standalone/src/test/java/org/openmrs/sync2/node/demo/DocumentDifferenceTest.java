package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentDifferenceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 1}                     | {'a': 2}                      | a",
        "{'a': 1}                     | {}                            | a",
        "{}                           | {'a': 1}                      | a",
        "{'a': 1.10}                  | {'a': 1.1}                    | a",
        "{'a': 1}                     | {'a': '1'}                    | a",
        "{'a': true}                  | {'a': 'true'}                 | a",
        "{'a': null}                  | {}                            | a",
        "{'a': []}                    | {'a': {}}                     | a",
        "{'a': [1, 2]}                | {'a': [2, 1]}                 | a[0] a[1]",
        "{'a': [1]}                   | {'a': [1, 2]}                 | a[1]",
        "{'a': {'b': 'é'}}            | {'a': {'b': 'e'}}             | a.b",
        "{'name': [{'family': 'A'}]}  | {'name': [{'family': 'B'}]}   | name[0].family",
        "{'code': {'text': 'A'}}      | {'code': {'text': 'B'}}       | code.text",
        "{'meta': {'profile': ['A']}} | {}                            | meta",
        "{'meta': {'tag': [{'code': 'A'}]}} | {'meta': {}}            | meta"
      })
  void everyDifferenceIsFound(String parent, String child, String paths) throws Exception {
    assertEquals(Arrays.asList(paths.split(" ")), fhir(parent, child));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 1, 'b': 2}                            | {'b': 2, 'a': 1}",
        "{'meta': {'versionId': '1'}}                | {'meta': {'versionId': '2'}}",
        "{'meta': {'lastUpdated': '2020-01-01'}}     | {}",
        "{'meta': {'tag': [{'code': 'SUBSETTED'}]}}  | {}",
        "{'text': {'div': 'A'}}                      | {'text': {'div': 'B'}}",
        "{'contained': [{'text': {'div': 'A'}}]}     | {'contained': [{}]}"
      })
  void fieldWrittenByTheServerIsPassedOver(String parent, String child) throws Exception {
    assertEquals(List.of(), fhir(parent, child));
  }

  @Test
  void restPassesOverWhatTheRestModuleWrites() throws Exception {
    ObjectNode parent = json("{'name': 'A', 'auditInfo': {'x': 1}, 'location': {'links': [1]}}");
    ObjectNode child = json("{'name': 'A', 'resourceVersion': '1.8', 'location': {}}");
    assertEquals(List.of(), DocumentDifference.paths(ObjectKind.Form.REST, parent, child));
    child.put("name", "B");
    assertEquals(List.of("name"), DocumentDifference.paths(ObjectKind.Form.REST, parent, child));
  }

  private static List<String> fhir(String parent, String child) throws Exception {
    return DocumentDifference.paths(ObjectKind.Form.FHIR, json(parent), json(child));
  }

  private static ObjectNode json(String text) throws JsonProcessingException {
    return (ObjectNode) Json.MAPPER.readTree(text.replace('\'', '"'));
  }
}
