package org.openmrs.module.sync2.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openmrs.sync2.SyncAccount;

class CategoryPrivilegesTest {

  private static final List<String> NONE = Collections.emptyList();

  @Test
  void accountWithTheExchangePrivilegeAloneMayDoNothing() {
    assertEquals(account(NONE, NONE, NONE), of("Exchange Sync2 Objects"));
  }

  @Test
  void accountThatMayGetPatientsMayReadThemAlone() {
    assertEquals(account(Arrays.asList("patient"), NONE, NONE), of("Get Patients"));
  }

  @Test
  void writingTakesAddingAndEditing() {
    assertEquals(account(NONE, NONE, NONE), of("Edit Encounters"));
    List<String> encounters = Arrays.asList("encounter");
    assertEquals(
        account(encounters, encounters, NONE),
        of("Get Encounters", "Add Encounters", "Edit Encounters"));
  }

  @Test
  void metadataIsWrittenAndRemovedByWhoManagesIt() {
    List<String> locations = Arrays.asList("location", "organization");
    assertEquals(account(NONE, locations, locations), of("Manage Locations"));
    List<String> types = Arrays.asList("location_attribute_type");
    assertEquals(account(NONE, types, types), of("Manage Location Attribute Types"));
  }

  private static SyncAccount of(String... privileges) {
    Set<String> has = new HashSet<>(Arrays.asList(privileges));
    return CategoryPrivileges.of("child", has::contains);
  }

  private static SyncAccount account(List<String> read, List<String> write, List<String> remove) {
    return SyncAccount.of("child").reading(read).writing(write).removing(remove);
  }
}
