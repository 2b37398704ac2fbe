package org.openmrs.sync2.node.imitation;

import java.util.List;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Location;
import org.openmrs.sync2.SyncDuplicateException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Refuses a new location of a name that another one has, as the module does on OpenMRS with all
 * metadata that people know by its name. Asked only on a node whose file says {@code "lossy":
 * true}.
 */
final class OpenMrsNames {

  private final JdbcTemplate jdbc;

  OpenMrsNames(DataSource dataSource) {
    this.jdbc = new JdbcTemplate(dataSource);
  }

  /**
   * Checks a resource that is about to be saved, in the transaction of the thread.
   *
   * @throws SyncDuplicateException naming both, and what to do, if it is new here
   */
  void check(String uuid, IBaseResource resource) {
    if (resource instanceof Location location && location.hasName() && !isHere(uuid)) {
      checkNew(uuid, location);
    }
  }

  /** Also a removed one is here. */
  private boolean isHere(String uuid) {
    Integer found =
        jdbc.queryForObject(
            "SELECT COUNT(*) FROM HFJ_RESOURCE WHERE FHIR_ID = ? AND RES_TYPE = 'Location'",
            Integer.class,
            uuid);
    return found != null && found > 0;
  }

  private void checkNew(String uuid, Location location) {
    List<String> here =
        jdbc.queryForList(
            "SELECT resource.FHIR_ID FROM HFJ_RESOURCE resource"
                + " JOIN HFJ_SPIDX_STRING named ON named.RES_ID = resource.RES_ID"
                + " WHERE resource.RES_TYPE = 'Location' AND named.SP_VALUE_EXACT = ?"
                + " AND resource.RES_DELETED_AT IS NULL"
                + " AND resource.FHIR_ID <> ?",
            String.class,
            location.getName(),
            uuid);
    if (!here.isEmpty()) {
      throw duplicate(uuid, location.getName(), here.get(0));
    }
  }

  private static SyncDuplicateException duplicate(String uuid, String name, String here) {
    String words =
        "the location '"
            + name
            + "' is "
            + here
            + " here and "
            + uuid
            + " there: if they are one, say so in uuidMap of the child's configuration; if not,"
            + " rename one of them";
    return new SyncDuplicateException(words, name, here);
  }
}
