package org.openmrs.module.sync2.host.writing;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openmrs.Encounter;
import org.openmrs.Location;
import org.openmrs.Obs;
import org.openmrs.Patient;
import org.openmrs.Person;
import org.openmrs.Provider;
import org.openmrs.Visit;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncRejectedException;
import org.openmrs.util.PrivilegeConstants;

/** What OpenMRS's services, which are passed by, ask of the user who saves: one of several. */
final class SavingPrivileges {

  private static final Map<Class<?>, List<String>> NEEDED = needed();

  private SavingPrivileges() {}

  private static Map<Class<?>, List<String>> needed() {
    Map<Class<?>, List<String>> needed = new LinkedHashMap<>();
    // A patient is a person too: the first that fits counts.
    needed.put(
        Patient.class,
        Arrays.asList(PrivilegeConstants.ADD_PATIENTS, PrivilegeConstants.EDIT_PATIENTS));
    needed.put(
        Person.class,
        Arrays.asList(PrivilegeConstants.ADD_PERSONS, PrivilegeConstants.EDIT_PERSONS));
    needed.put(
        Visit.class, Arrays.asList(PrivilegeConstants.ADD_VISITS, PrivilegeConstants.EDIT_VISITS));
    needed.put(
        Encounter.class,
        Arrays.asList(PrivilegeConstants.ADD_ENCOUNTERS, PrivilegeConstants.EDIT_ENCOUNTERS));
    needed.put(Obs.class, Arrays.asList(PrivilegeConstants.ADD_OBS, PrivilegeConstants.EDIT_OBS));
    needed.put(Location.class, Collections.singletonList(PrivilegeConstants.MANAGE_LOCATIONS));
    needed.put(Provider.class, Collections.singletonList(PrivilegeConstants.MANAGE_PROVIDERS));
    return needed;
  }

  /**
   * Checks the user of the thread.
   *
   * @throws SyncRejectedException when it may not save such an object
   */
  static void require(Object object) {
    for (Map.Entry<Class<?>, List<String>> kind : NEEDED.entrySet()) {
      if (kind.getKey().isInstance(object)) {
        require(kind.getKey(), kind.getValue());
        return;
      }
    }
  }

  private static void require(Class<?> kind, List<String> privileges) {
    if (privileges.stream().noneMatch(Context::hasPrivilege)) {
      throw new SyncRejectedException(
          "the account may not save a "
              + kind.getSimpleName()
              + " here: give it the privilege "
              + String.join(" or ", privileges));
    }
  }
}
