package org.openmrs.sync2;

/** A host that hands everything on to another; a test overrides what it is about. */
public abstract class ForwardingHost implements SyncHost {

  private final SyncHost next;

  protected ForwardingHost(SyncHost next) {
    this.next = next;
  }

  @Override
  public String databaseProduct() throws Exception {
    return next.databaseProduct();
  }

  @Override
  public void begin() throws Exception {
    next.begin();
  }

  @Override
  public void commit() throws Exception {
    next.commit();
  }

  @Override
  public void rollback() {
    next.rollback();
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json)
      throws Exception {
    next.save(representation, category, uuid, json);
  }

  @Override
  public void remove(String representation, String category, String uuid, String action)
      throws Exception {
    next.remove(representation, category, uuid, action);
  }

  @Override
  public void remove(
      String representation, String category, String uuid, String action, String reason)
      throws Exception {
    next.remove(representation, category, uuid, action, reason);
  }

  @Override
  public byte[] dependents(String category, String uuid) throws Exception {
    return next.dependents(category, uuid);
  }

  @Override
  public String[] whyRemoved(String[] categories, String[] uuids) throws Exception {
    return next.whyRemoved(categories, uuids);
  }

  @Override
  public void clear() throws Exception {
    next.clear();
  }

  @Override
  public void expectReads(String representation, String[] categories, String[] uuids)
      throws Exception {
    next.expectReads(representation, categories, uuids);
  }

  @Override
  public byte[] read(String representation, String category, String uuid, boolean lock)
      throws Exception {
    return next.read(representation, category, uuid, lock);
  }

  @Override
  public boolean[] exists(String[] categories, String[] uuids) throws Exception {
    return next.exists(categories, uuids);
  }

  @Override
  public String[] list(String category, String after, int most) throws Exception {
    return next.list(category, after, most);
  }

  @Override
  public boolean indexBehind(String call) throws Exception {
    return next.indexBehind(call);
  }

  @Override
  public void awaitIndex(String call) throws Exception {
    next.awaitIndex(call);
  }

  @Override
  public void indexAgain(String[] categories, String[] uuids) throws Exception {
    next.indexAgain(categories, uuids);
  }

  @Override
  public long update(String statement, Object[] parameters) throws Exception {
    return next.update(statement, parameters);
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws Exception {
    return next.updateAll(statement, rows);
  }

  @Override
  public Object[][] query(String statement, Object[] parameters) throws Exception {
    return next.query(statement, parameters);
  }
}
