package org.openmrs.module.sync2.web;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.openmrs.module.sync2.kind.Kind.Privileges;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.sync2.SyncAccount;

/** The rights that OpenMRS's own privileges give an account on the objects of each category. */
final class CategoryPrivileges {

  private CategoryPrivileges() {}

  /**
   * The account of that name with what these privileges let it do. Categories of which none are
   * known are nobody's.
   */
  static SyncAccount of(String name, Predicate<String> hasPrivilege) {
    return SyncAccount.of(name)
        .reading(categories(privileges -> privileges.letRead(hasPrivilege)))
        .writing(categories(privileges -> privileges.letWrite(hasPrivilege)))
        .removing(categories(privileges -> privileges.letRemove(hasPrivilege)));
  }

  private static List<String> categories(Predicate<Privileges> let) {
    return Kinds.all().stream()
        .filter(kind -> kind.privileges() != null && let.test(kind.privileges()))
        .map(kind -> kind.category())
        .collect(Collectors.toList());
  }
}
