package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over tables in memory; what is locked by whom is for the database to say. */
class RowLocksTest {

  private final List<String> statements = new ArrayList<>();
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    connection = DriverManager.getConnection("jdbc:h2:mem:row-locks");
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE person (person_id INT PRIMARY KEY, uuid VARCHAR_IGNORECASE(38))");
      statement.execute("CREATE TABLE patient (patient_id INT PRIMARY KEY)");
      statement.execute(
          "CREATE TABLE patient_identifier (patient_identifier_id INT, patient_id INT)");
      statement.execute("CREATE TABLE person_name (person_name_id INT, person_id INT)");
      statement.execute("CREATE TABLE person_address (person_address_id INT, person_id INT)");
      statement.execute("CREATE TABLE person_attribute (person_attribute_id INT, person_id INT)");
      statement.execute("CREATE TABLE visit (visit_id INT PRIMARY KEY, uuid VARCHAR(38))");
      statement.execute("CREATE TABLE visit_attribute (visit_attribute_id INT, visit_id INT)");
      statement.execute("CREATE TABLE encounter (encounter_id INT PRIMARY KEY, uuid VARCHAR(38))");
      statement.execute(
          "CREATE TABLE encounter_provider (encounter_provider_id INT, encounter_id INT)");
      statement.execute("INSERT INTO person VALUES (1, 'p1'), (2, 'p2')");
      statement.execute("INSERT INTO patient VALUES (1), (2)");
      statement.execute("INSERT INTO visit VALUES (7, 'v')");
    }
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
  }

  @Test
  void personIsLockedBeforeWhatHangsOnHerInAnyOrderOfTheBatch() throws Exception {
    lock(uuids("encounter", "e", "visit", "v", "patient", "p1"), Collections.emptyMap());

    assertEquals(
        Arrays.asList(
            "person",
            "patient",
            "patient_identifier",
            "person_name",
            "person_address",
            "person_attribute",
            "visit",
            "visit_attribute",
            "encounter"),
        tables());
  }

  @Test
  void patientReferredToIsLockedBeforeHerEncounterIsWritten() throws Exception {
    lock(uuids("encounter", "e"), uuids("patient", "p2", "location", "l"));

    assertEquals(Arrays.asList("person", "patient", "encounter"), tables());
  }

  @Test
  void objectThatIsNotHereHasNoParts() throws Exception {
    lock(uuids("patient", "nobody"), Collections.emptyMap());

    assertEquals(Collections.singletonList("person"), tables());
  }

  @Test
  void presentObjectsAreToldAndNoneOfACategoryWithoutATable() throws Exception {
    Map<String, Set<String>> here =
        lock(
            uuids("patient", "P1", "patient", "nobody", "visit", "v", "thing", "t"),
            uuids("patient", "p2"));

    assertEquals(new HashSet<>(Arrays.asList("patient", "visit")), here.keySet());
    assertEquals(Collections.singleton("v"), here.get("visit"));
    assertTrue(here.get("patient").contains("P1"), "the database's p1");
    assertEquals(1, here.get("patient").size());
  }

  private Map<String, Set<String>> lock(
      Map<String, List<String>> written, Map<String, List<String>> referred) throws Exception {
    Connection recording =
        (Connection)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("prepareStatement")) {
                    statements.add(arguments[0].toString());
                  }
                  return method.invoke(connection, arguments);
                });
    return new RowLocks(recording, (table, keys) -> {}).lock(written, referred);
  }

  /** The tables in the order in which they were locked. */
  private List<String> tables() {
    List<String> tables = new ArrayList<>();
    statements.forEach(statement -> tables.add(statement.split(" FROM ")[1].split(" ")[0]));
    return tables;
  }

  private static Map<String, List<String>> uuids(String... pairs) {
    Map<String, List<String>> uuids = new HashMap<>();
    for (int index = 0; index < pairs.length; index += 2) {
      uuids.computeIfAbsent(pairs[index], key -> new ArrayList<>()).add(pairs[index + 1]);
    }
    return uuids;
  }
}
