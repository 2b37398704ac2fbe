package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncDuplicateException;

class SameNameTest {

  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    connection = DriverManager.getConnection("jdbc:h2:mem:same-name");
    try (Statement statement = connection.createStatement()) {
      for (String table :
          new String[] {
            "visit_type",
            "location",
            "visit_attribute_type",
            "location_attribute_type",
            "provider_attribute_type"
          }) {
        statement.execute(
            "CREATE TABLE " + table + " (uuid VARCHAR(38), name VARCHAR(255), retired BOOLEAN)");
      }
      statement.execute("INSERT INTO visit_type VALUES ('ours', 'Outpatient', FALSE)");
      statement.execute("INSERT INTO location VALUES ('old', 'Ward', TRUE)");
    }
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
  }

  @Test
  void anotherOneOfThatNameIsRefusedWithBothUuids() {
    SyncDuplicateException refusal =
        assertThrows(
            SyncDuplicateException.class,
            () -> SameName.check(connection, "visittype", "theirs", "Outpatient"));

    assertEquals("Outpatient", refusal.namesakeName());
    assertEquals("ours", refusal.namesakeUuid());
    String words = refusal.getMessage();
    assertTrue(words.contains("'Outpatient' is ours here and theirs there"), words);
    assertTrue(words.contains("uuidMap"), words);
  }

  @Test
  void typesOfAttributesAreLookedForEachAmongTheirOwn() throws Exception {
    String[] categories = {
      "visit_attribute_type", "location_attribute_type", "provider_attribute_type"
    };
    for (String category : categories) {
      assertDoesNotThrow(() -> SameName.check(connection, category, "theirs", "Bed"));
      try (Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO " + category + " VALUES ('ours', 'Bed', FALSE)");
      }
      assertThrows(
          SyncDuplicateException.class,
          () -> SameName.check(connection, category, "theirs", "Bed"));
    }
  }

  @Test
  void typesOfRelationshipsAreKnownByBothTheirSides() throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE relationship_type (uuid VARCHAR(38), a_is_to_b VARCHAR(50),"
              + " b_is_to_a VARCHAR(50), retired BOOLEAN)");
      statement.execute("INSERT INTO relationship_type VALUES ('ours', 'Aunt', 'Niece', FALSE)");
    }
    String category = "relationship_type";

    assertDoesNotThrow(() -> SameName.check(connection, category, "theirs", "Aunt/Nephew"));
    assertThrows(
        SyncDuplicateException.class,
        () -> SameName.check(connection, category, "theirs", "Aunt/Niece"));
  }

  @Test
  void retiredOrKnownOrNamelessMetadataIsNoNamesake() {
    assertDoesNotThrow(() -> SameName.check(connection, "location", "new", "Ward"));
    assertDoesNotThrow(() -> SameName.check(connection, "visittype", "ours", "Outpatient"));
    assertDoesNotThrow(() -> SameName.check(connection, "visittype", "theirs", null));
    assertDoesNotThrow(() -> SameName.check(connection, "encounter", "theirs", "Outpatient"));
  }
}
