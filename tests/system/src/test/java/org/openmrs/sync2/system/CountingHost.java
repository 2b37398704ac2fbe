package org.openmrs.sync2.system;

import org.openmrs.sync2.ForwardingHost;
import org.openmrs.sync2.SyncHost;

/**
 * Counts in the table {@code saves}, which a {@link LightDatabase} has made, in the transaction of
 * the effect itself, how often each object is saved, and prints a line for each commit of a batch
 * that saved something.
 */
final class CountingHost extends ForwardingHost {

  private boolean saved;

  CountingHost(SyncHost next) {
    super(next);
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json)
      throws Exception {
    super.save(representation, category, uuid, json);
    update(
        "INSERT INTO saves (category, uuid, times) VALUES (?, ?, 1)"
            + " ON DUPLICATE KEY UPDATE times = times + 1",
        new Object[] {category, uuid});
    saved = true;
  }

  @Override
  public void commit() throws Exception {
    super.commit();
    if (saved) {
      System.out.println(LightRun.COMMITTED);
    }
    saved = false;
  }

  @Override
  public void rollback() {
    super.rollback();
    saved = false;
  }
}
