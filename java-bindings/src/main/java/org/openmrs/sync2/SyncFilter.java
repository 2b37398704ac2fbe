package org.openmrs.sync2;

/**
 * A rule of an implementation's own that leaves records out. An event must pass all filters, the
 * configuration's first.
 *
 * <p>Called on the thread that called {@link SyncEngine#pull()}, never in a transaction.
 */
public interface SyncFilter {

  /**
   * Returns true if the event is worth fetching its object. An exception stops the run before this
   * event, since nothing may pass a filter unseen.
   */
  default boolean wantsEvent(SyncEvent event) throws Exception {
    return true;
  }

  /**
   * Returns true if the object, once fetched, belongs here; also asked for what others refer to.
   * After an exception the object is parked and asked about again later; {@link SyncException} of
   * kind {@code Unreachable}, {@link SyncBusyException} and {@link SyncException} of kind {@code
   * Unauthorized} stop the run.
   *
   * @param representation {@code fhir} (R4 JSON) or {@code rest} (OpenMRS REST JSON)
   * @param category such as {@code patient}
   * @param json the document as it would be saved, UTF-8
   */
  default boolean wantsDocument(String representation, String category, String uuid, byte[] json)
      throws Exception {
    return true;
  }
}
