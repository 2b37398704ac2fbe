package org.openmrs.module.sync2;

import java.util.List;
import java.util.stream.Collectors;
import org.openmrs.Privilege;
import org.openmrs.module.Module;

/**
 * A privilege that the module declares, all of whose properties can be read. OpenMRS's REST module
 * answers an upload with the module as a bean, with its privileges, and fails at the id of
 * OpenMRS's own.
 */
final class ReadablePrivilege extends Privilege {

  private static final long serialVersionUID = 1L;

  private ReadablePrivilege(Privilege declared) {
    super(declared.getPrivilege(), declared.getDescription());
  }

  /** Privileges have none. */
  @Override
  public Integer getId() {
    return null;
  }

  /** Has a module name the same privileges so that each can be read. */
  static void replaceThoseOf(Module module) {
    List<Privilege> readable =
        module.getPrivileges().stream().map(ReadablePrivilege::new).collect(Collectors.toList());
    module.setPrivileges(readable);
  }
}
