package org.openmrs.module.sync2.host.writing;

import java.util.ArrayList;
import java.util.List;
import org.openmrs.OpenmrsObject;
import org.openmrs.Person;
import org.openmrs.api.APIException;
import org.openmrs.api.ValidationException;

/**
 * How one document gets into OpenMRS, whatever its representation: the representations only say how
 * an element fills an object.
 */
public final class Writing {

  private final WritingSession session;
  private final EntryRules rules;
  private final Removal removal;
  private final List<Runnable> afterwards = new ArrayList<>();

  /**
   * The writing of one document.
   *
   * @param rules what its objects are held against
   */
  public Writing(WritingSession session, EntryRules rules) {
    this.session = session;
    this.rules = rules;
    this.removal = new Removal(session);
  }

  /** Voids and retires in the name of the user of the session. */
  public Removal removal() {
    return removal;
  }

  /** The rules that were broken and recorded. */
  public List<String> recordedRules() {
    return rules.recorded();
  }

  WritingSession session() {
    return session;
  }

  EntryRules rules() {
    return rules;
  }

  /**
   * Holds an object that is complete against the rules and takes it into the session.
   *
   * @throws org.openmrs.sync2.SyncRejectedException when a rule refuses it
   */
  public void store(OpenmrsObject object) {
    if (object instanceof Person) {
      PersonLists.preferNothingVoided((Person) object);
    }
    rules.hold(object, rule -> true);
    session.store(object);
  }

  /** Has that work done once the object is in the database. */
  void afterwards(Runnable work) {
    afterwards.add(work);
  }

  /**
   * Runs the work and flushes once at its end: a look-up in between would flush what is only half
   * filled in. What is refused because of the object itself is told as that.
   */
  public void wholly(Runnable work) {
    try {
      session.flushingOnce(work);
      afterwards.forEach(Runnable::run);
    } catch (ValidationException e) {
      throw Refusals.of(e);
    } catch (APIException e) {
      throw Refusals.of(e);
    } catch (RuntimeException e) {
      if (Refusals.isAboutTheObject(e)) {
        throw Refusals.ofDatabase(e, rules.recorded());
      }
      throw e;
    }
  }

  /** As {@link #wholly}, where the work deletes the object from the database. */
  public void purging(Runnable work) {
    try {
      session.flushingOnce(work);
    } catch (APIException e) {
      throw Refusals.of(e);
    } catch (RuntimeException e) {
      throw Refusals.isAboutTheObject(e) ? Refusals.stillNeeded() : e;
    }
  }
}
