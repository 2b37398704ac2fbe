package org.openmrs.module.sync2.host.writing;

import java.util.Date;
import org.openmrs.Obs;
import org.openmrs.User;

/**
 * The part of OpenMRS's session, and of the user of the calling thread, that the rules of writing
 * need.
 */
public interface WritingSession {

  /** Who voids and retires. */
  User user();

  /** When something is voided or retired. */
  Date now();

  /**
   * Takes an object into the session, past OpenMRS's services: these choose preferred names, trim
   * texts, assign visits, overwrite who made something, and refuse by rules of data entry. Throws
   * where the user may not save such an object.
   */
  void store(Object object);

  /** Writes what is waiting to the database. */
  void flush();

  /** Runs the work and flushes once at its end, never in between. */
  void flushingOnce(Runnable work);

  /** Puts the members of one group into another; both are in the database. */
  void moveMembers(Obs from, Obs to);
}
