package org.openmrs.sync2;

import java.util.List;

/**
 * A way to get objects from the parent that an implementation brings along, asked before the
 * engine's own for FHIR and REST.
 *
 * <p>{@link #fetch} is called on the thread that called {@link SyncEngine#pull()}, never in a
 * transaction. It may wait for the network, but the run does nothing else meanwhile: keep it well
 * below {@code transfer.leaseSeconds}, after which another server may take over.
 */
public interface SyncClient {

  /** Returns its name in the audit. Asked once, when the engine opens. */
  String name();

  /**
   * Returns true if it gets objects of this category in this representation. Asked once, when the
   * engine opens.
   *
   * @param representation {@code fhir} or {@code rest}, as the configuration says for the category
   * @param category such as {@code patient}
   */
  boolean serves(String representation, String category);

  /**
   * Gets objects of a category that it serves.
   *
   * <p>An exception speaks for all of them: {@link SyncException} of kind {@code Unreachable},
   * {@link SyncBusyException} and {@link SyncException} of kind {@code Unauthorized} stop the run,
   * which consumes nothing; with any other one each of the objects is parked and tried again later.
   *
   * @param uuids at most {@code transfer.batchSize}
   * @return one for each uuid, in their order
   */
  List<SyncFetched> fetch(String representation, String category, List<String> uuids)
      throws Exception;
}
