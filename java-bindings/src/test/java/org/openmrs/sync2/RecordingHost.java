package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Notes what it is called with and answers what a test can recognise. */
class RecordingHost implements SyncHost {

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  @Override
  public String databaseProduct() {
    return "H2";
  }

  @Override
  public void begin() throws Exception {
    calls.add("begin");
  }

  @Override
  public void commit() throws Exception {
    calls.add("commit");
  }

  @Override
  public void rollback() {
    calls.add("rollback");
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json)
      throws Exception {
    calls.add(
        "save " + representation + " " + category + " " + uuid + " " + new String(json, UTF_8));
  }

  @Override
  public void remove(String representation, String category, String uuid, String action) {
    calls.add("remove " + representation + " " + category + " " + uuid + " " + action);
  }

  @Override
  public void remove(
      String representation, String category, String uuid, String action, String reason) {
    calls.add(
        "remove " + representation + " " + category + " " + uuid + " " + action + ": " + reason);
  }

  @Override
  public byte[] dependents(String category, String uuid) {
    calls.add("dependents " + category + " " + uuid);
    return SyncDependent.json(
        Collections.singletonList(new SyncDependent("visit", "v-1", true, "visit of 10 Nov")));
  }

  @Override
  public String[] whyRemoved(String[] categories, String[] uuids) {
    calls.add("whyRemoved " + Arrays.toString(categories) + " " + Arrays.toString(uuids));
    String[] reasons = new String[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      reasons[index] = uuids[index].equals("removed") ? "entered twice" : null;
    }
    return reasons;
  }

  @Override
  public void clear() {
    calls.add("clear");
  }

  @Override
  public void expectReads(String representation, String[] categories, String[] uuids) {
    calls.add(
        "expectReads "
            + representation
            + " "
            + Arrays.toString(categories)
            + " "
            + Arrays.toString(uuids));
  }

  @Override
  public byte[] read(String representation, String category, String uuid, boolean lock)
      throws Exception {
    calls.add("read " + representation + " " + category + " " + uuid + " " + lock);
    if (uuid.equals("absent")) {
      return null;
    }
    return uuid.equals("removed") ? REMOVED : new byte[] {1, 2};
  }

  @Override
  public boolean[] exists(String[] categories, String[] uuids) {
    calls.add("exists " + Arrays.toString(categories) + " " + Arrays.toString(uuids));
    boolean[] answers = new boolean[uuids.length];
    for (int index = 0; index < uuids.length; index++) {
      answers[index] = !uuids[index].equals("absent");
    }
    return answers;
  }

  @Override
  public long update(String statement, Object[] parameters) {
    calls.add("update " + statement + " " + Arrays.deepToString(parameters));
    return parameters.length;
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) {
    calls.add("updateAll " + statement + " " + rows.length);
    return Arrays.stream(rows).mapToLong(row -> row.length).toArray();
  }

  /** A row with the parameters, and an empty one. */
  @Override
  public Object[][] query(String statement, Object[] parameters) throws Exception {
    calls.add("query " + statement);
    return new Object[][] {parameters, new Object[0]};
  }
}
