package org.openmrs.module.sync2.kind;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.openmrs.OpenmrsObject;
import org.openmrs.module.sync2.host.writing.Writing;

/**
 * How objects of one OpenMRS class are found, saved and removed. Works in the transaction and the
 * session of the calling thread. What OpenMRS refuses is thrown as OpenMRS throws it.
 */
interface RestType<T extends OpenmrsObject> {

  /** The class as which the REST module writes the objects. */
  Class<T> type();

  /** The object, voided or retired or not; null when it was never here. */
  T find(String uuid);

  /**
   * Those of the objects that are here, with the parts that their documents tell of, in few queries
   * for all of them; none where they are better found one by one, or when the user may not read
   * them, which {@link #find} then says.
   */
  default List<T> findAll(Collection<String> uuids) {
    return Collections.emptyList();
  }

  /**
   * Makes the object what the document says, restoring it when it was voided.
   *
   * @param here as {@link #find} gave it, or null
   * @param json in the view of the category
   * @param writing how it gets into OpenMRS
   */
  void save(T here, String uuid, JsonFields json, Writing writing);

  /** Saves what nobody has under that uuid, in no category. */
  default void saveNew(String uuid, JsonFields json, Writing writing) {
    save(null, uuid, json, writing);
  }

  /**
   * Returns the name that people know metadata by; null for everything else, and for what is
   * retired.
   */
  default String knownAs(JsonFields json) {
    return null;
  }

  /** Voids or retires the object, with what belongs to it; nothing when it is already. */
  void remove(T here, String reason);

  /** Removes the object from the database. */
  void purge(T here);
}
