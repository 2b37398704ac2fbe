package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over tables in memory. */
class PlacesTest {

  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    connection = DriverManager.getConnection("jdbc:h2:mem:places");
    String uuid = "uuid VARCHAR(38)";
    execute(
        "CREATE TABLE location (location_id INT PRIMARY KEY, " + uuid + ")",
        "CREATE TABLE person (person_id INT PRIMARY KEY, " + uuid + ")",
        "CREATE TABLE patient (patient_id INT PRIMARY KEY, voided BOOLEAN)",
        "CREATE TABLE patient_identifier (patient_id INT, location_id INT, voided BOOLEAN)",
        "CREATE TABLE provider (person_id INT)",
        "CREATE TABLE visit (" + uuid + ", patient_id INT, location_id INT)",
        "CREATE TABLE encounter (encounter_id INT, " + uuid + ", patient_id INT, location_id INT)",
        "CREATE TABLE obs (" + uuid + ", person_id INT, encounter_id INT, location_id INT)",
        "CREATE TABLE orders (" + uuid + ", patient_id INT, encounter_id INT)",
        "CREATE TABLE conditions (" + uuid + ", patient_id INT)",
        "CREATE TABLE allergy (" + uuid + ", patient_id INT)",
        "CREATE TABLE relationship (" + uuid + ", person_a INT, person_b INT)",
        "INSERT INTO location VALUES (1, 'here'), (2, 'there'), (3, 'far')",
        "INSERT INTO person VALUES (1, 'of-two'), (2, 'voided'), (3, 'nowhere'), (4, 'staff'),"
            + " (5, 'relative'), (6, 'nurse-who-is-patient')",
        "INSERT INTO patient VALUES (1, FALSE), (2, TRUE), (3, FALSE), (6, FALSE)",
        "INSERT INTO patient_identifier VALUES (1, 1, FALSE), (1, 2, FALSE), (1, 3, TRUE),"
            + " (2, 3, TRUE), (3, NULL, FALSE), (6, 2, FALSE)",
        "INSERT INTO provider VALUES (4), (6)",
        "INSERT INTO visit VALUES ('v', 1, 3), ('v-nowhere', 1, NULL)",
        "INSERT INTO encounter VALUES (1, 'e', 1, 3), (2, 'e-nowhere', 6, NULL)",
        "INSERT INTO obs VALUES ('o', 1, 1, 2), ('o-alone', 1, NULL, 3), ('o-of-patient', 1, NULL,"
            + " NULL), ('o-of-other', 1, 2, 3)",
        "INSERT INTO orders VALUES ('d', 1, 1), ('d-alone', 3, NULL)",
        "INSERT INTO conditions VALUES ('c', 1)",
        "INSERT INTO allergy VALUES ('a', 2)",
        "INSERT INTO relationship VALUES ('r', 6, 2)");
  }

  private void execute(String... statements) throws Exception {
    try (Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
  }

  private String places(String category, String... uuids) throws Exception {
    Map<String, String> places = Places.of(connection, category, Arrays.asList(uuids));
    return new TreeMap<>(places).toString();
  }

  @Test
  void patientIsAtTheLocationsOfTheIdentifiers() throws Exception {
    assertEquals(
        "{nowhere=, of-two=here,there, voided=far}",
        places("patient", "of-two", "voided", "nowhere", "staff", "never"));
  }

  @Test
  void personIsThePatientAndAProviderWhoIsNoneIsForEverybody() throws Exception {
    assertEquals(
        "{nurse-who-is-patient=there, of-two=here,there, relative=, staff=*}",
        places("person", "of-two", "staff", "relative", "nurse-who-is-patient", "never"));
  }

  @Test
  void encountersLocationComesBeforeTheOwnAndThatBeforeThePatients() throws Exception {
    assertEquals("{v=far, v-nowhere=here,there}", places("visit", "v", "v-nowhere"));
    assertEquals("{e=far, e-nowhere=there}", places("encounter", "e", "e-nowhere"));
    assertEquals(
        "{o=far, o-alone=far, o-of-other=there, o-of-patient=here,there}",
        places("observation", "o", "o-alone", "o-of-patient", "o-of-other"));
    assertEquals("{d=far, d-alone=}", places("drug_order", "d", "d-alone"));
    assertEquals("{c=here,there}", places("condition", "c"));
    assertEquals("{a=far}", places("allergy", "a"));
    assertEquals("{r=far,there}", places("relationship", "r"));
  }

  @Test
  void ofKindsThatAreNotKnownNothingIsSaid() throws Exception {
    assertEquals("{}", places("task", "t"));
    assertEquals(Collections.emptyMap(), Places.of(connection, "patient", Collections.emptyList()));
  }
}
