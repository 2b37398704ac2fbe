package org.openmrs.module.sync2.host.fhir;

import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;
import org.openmrs.Obs;
import org.openmrs.api.db.hibernate.DbSession;
import org.openmrs.api.db.hibernate.DbSessionFactory;

/**
 * Which obs are in a group. A member has the link, and OpenMRS refuses to flush a changed obs; what
 * belongs to a group is no change of its value, so the link is set by queries.
 */
final class ObsGroup {

  private static final String LEAVE =
      "update Obs set obsGroup = null"
          + " where obsGroup = :group and voided = false and uuid not in (:members)";
  private static final String JOIN = "update Obs set obsGroup = :group where uuid in (:members)";

  private ObsGroup() {}

  /**
   * Takes out of a group whoever is not named. Voided members stay: the FHIR module does not give
   * them.
   *
   * @param group flushed; it leaves the session
   */
  static void leaveOnly(Obs group, Set<Obs> members) {
    Set<String> uuids = uuids(members);
    DbSession session = session();
    session
        .createQuery(LEAVE)
        .setParameter("group", group)
        .setParameterList("members", uuids.isEmpty() ? Collections.singleton("") : uuids)
        .executeUpdate();
    session.evict(group);
  }

  /**
   * Puts members into a group.
   *
   * @param group flushed, like the members; all of them leave the session
   */
  static void join(Obs group, Set<Obs> members) {
    if (members.isEmpty()) {
      return;
    }
    DbSession session = session();
    session
        .createQuery(JOIN)
        .setParameter("group", group)
        .setParameterList("members", uuids(members))
        .executeUpdate();
    members.forEach(session::evict);
    session.evict(group);
  }

  private static Set<String> uuids(Set<Obs> members) {
    return members.stream().map(Obs::getUuid).collect(Collectors.toSet());
  }

  private static DbSession session() {
    return FhirModule.bean(DbSessionFactory.class).getCurrentSession();
  }
}
