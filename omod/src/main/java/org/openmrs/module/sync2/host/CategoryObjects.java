package org.openmrs.module.sync2.host;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openmrs.module.sync2.host.writing.Writing;

/**
 * The objects of one category in one representation, in the transaction of the calling thread.
 * Implementations hold no beans: OpenMRS makes new ones at each start of a module.
 */
public interface CategoryObjects {

  /**
   * Creates or updates the object under this uuid, restoring it when it was voided, and flushes.
   *
   * @param json the document, UTF-8
   * @param writing how it gets into OpenMRS
   * @throws org.openmrs.sync2.SyncRejectedException when a validator refuses it, with its words
   * @throws org.openmrs.sync2.SyncDuplicateException when another object has its identifier
   */
  void save(String uuid, byte[] json, Writing writing) throws Exception;

  /**
   * Saves an object that nobody has: it need not be looked for. As {@link #save} in all else, which
   * is what it does where looking costs little.
   */
  default void create(String uuid, byte[] json, Writing writing) throws Exception {
    save(uuid, json, writing);
  }

  /**
   * Voids, retires or purges the object.
   *
   * @param action {@code VOIDED}, {@code RETIRED} or {@code DELETED}
   * @param reason what who looks at it later is shown
   * @param writing how that gets into OpenMRS
   */
  void remove(String uuid, String action, String reason, Writing writing) throws Exception;

  /**
   * Loads objects together that are read next, as they are in the database.
   *
   * @return by uuid what {@link #read} would return for it; those that it leaves out are read one
   *     by one
   */
  default Map<String, Callable<byte[]>> load(Collection<String> uuids) {
    return Collections.emptyMap();
  }

  /**
   * The object as it is in the database. Its session is clear, so that nothing older is seen.
   *
   * @return UTF-8 JSON; null when it was never here; {@link org.openmrs.sync2.SyncHost#REMOVED}
   *     when it is voided
   */
  byte[] read(String uuid) throws Exception;
}
