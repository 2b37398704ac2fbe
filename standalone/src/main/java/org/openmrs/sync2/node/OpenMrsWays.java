package org.openmrs.sync2.node;

import java.util.Set;
import javax.sql.DataSource;

/**
 * In which ways the storage of a node is like OpenMRS's.
 *
 * @param unchangeableTypes FHIR types that it does not change in place
 * @param cascade what it removes along
 * @param names which names it takes once only; null where it takes any
 */
record OpenMrsWays(Set<String> unchangeableTypes, Cascade cascade, OpenMrsNames names) {

  /** Of a storage that keeps everything as it is. */
  static final OpenMrsWays NONE = new OpenMrsWays(Set.of(), Cascade.NONE, null);

  static OpenMrsWays all(DataSource dataSource, Cascade cascade) {
    return new OpenMrsWays(OpenMrsLosses.UNCHANGEABLE_TYPES, cascade, new OpenMrsNames(dataSource));
  }
}
