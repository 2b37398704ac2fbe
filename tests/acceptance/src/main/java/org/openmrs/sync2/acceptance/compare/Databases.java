package org.openmrs.sync2.acceptance.compare;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.openmrs.sync2.acceptance.Kind;

/** The databases of both servers. */
public record Databases(Database parent, Database child) {

  /** Where the rows of these objects differ, table by table. */
  public List<RowDifference> differences(Kind kind, Collection<String> uuids) throws SQLException {
    return RowComparison.differences(
        parent.rowsOf(kind, uuids), child.rowsOf(kind, uuids), child.users());
  }

  /** The same for objects that came from the child to the parent. */
  public List<RowDifference> differencesAfterPush(Kind kind, Collection<String> uuids)
      throws SQLException {
    return RowComparison.differencesAfterPush(
        parent.rowsOf(kind, uuids), child.rowsOf(kind, uuids), parent.users());
  }
}
