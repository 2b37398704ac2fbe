package org.openmrs.module.sync2.host;

import java.util.List;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The privileges that OpenMRS's services, which are passed by, ask of the user who saves: one of
 * several.
 */
final class SavingPrivileges {

  private SavingPrivileges() {}

  /**
   * Checks the user of the thread.
   *
   * @throws SyncRejectedException when it may not save such an object
   */
  static void require(Object object) {
    // A patient is a person too: the nearest that is known counts.
    Class<?> entity = object.getClass();
    while (entity != null && Kinds.ofEntity(entity.getName()) == null) {
      entity = entity.getSuperclass();
    }
    if (entity != null) {
      require(entity, Kinds.ofEntity(entity.getName()));
    }
  }

  private static void require(Class<?> entity, Kind kind) {
    List<String> privileges = kind.privileges().ofSaving();
    if (privileges.stream().noneMatch(Context::hasPrivilege)) {
      throw new SyncRejectedException(
          "the account may not save a "
              + entity.getSimpleName()
              + " here: give it the privilege "
              + String.join(" or ", privileges));
    }
  }
}
