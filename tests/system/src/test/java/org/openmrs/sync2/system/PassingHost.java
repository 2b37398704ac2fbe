package org.openmrs.sync2.system;

import org.openmrs.sync2.ForwardingHost;
import org.openmrs.sync2.SyncHost;

/** Prints a line for each commit that moved a marker: what it passed is settled. */
final class PassingHost extends ForwardingHost {

  private boolean passed;

  PassingHost(SyncHost next) {
    super(next);
  }

  @Override
  public long update(String statement, Object[] parameters) throws Exception {
    passed |= statement.contains("sync2_marker");
    return super.update(statement, parameters);
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws Exception {
    passed |= statement.contains("sync2_marker");
    return super.updateAll(statement, rows);
  }

  @Override
  public void commit() throws Exception {
    super.commit();
    if (passed) {
      System.out.println(LightRun.COMMITTED);
    }
    passed = false;
  }

  @Override
  public void rollback() {
    super.rollback();
    passed = false;
  }
}
