package org.openmrs.module.sync2.host.writing;

import java.util.List;
import org.openmrs.Encounter;
import org.openmrs.OpenmrsObject;
import org.openmrs.Person;
import org.openmrs.Retireable;
import org.openmrs.Voidable;
import org.openmrs.aop.RequiredDataAdvice;
import org.openmrs.api.handler.UnvoidHandler;

/** Voiding, retiring and their undoing, of one object and nothing that hangs on it. */
public final class Removal {

  /** Why something is voided or retired here. */
  public static final String REASON = "Removed at the parent";

  private final WritingSession session;

  /** In the name of the session's user. */
  public Removal(WritingSession session) {
    this.session = session;
  }

  /** Voids it, unless it is voided already: then who did so, when and why stays. */
  public void voidAlone(Voidable object, String reason) {
    if (object.getVoided()) {
      return;
    }
    object.setVoided(true);
    object.setVoidedBy(session.user());
    object.setDateVoided(session.now());
    object.setVoidReason(reason);
  }

  /** Makes it retired or not, as the document says; who retired it and when stays while it is. */
  public void retire(Retireable object, boolean retired, String reason) {
    if (retired != object.getRetired()) {
      object.setRetired(retired);
      object.setRetiredBy(retired ? session.user() : null);
      object.setDateRetired(retired ? session.now() : null);
    }
    object.setRetireReason(reason);
  }

  /** Takes back that it was voided. */
  public static void restore(Voidable object) {
    object.setVoided(false);
    object.setVoidedBy(null);
    object.setDateVoided(null);
    object.setVoidReason(null);
  }

  /**
   * Takes back that an encounter was voided, with all that was voided with it: orders, for
   * instance, have no events of their own. As the service begins; what it does after gives restored
   * observations new uuids where it interprets them otherwise than the parent.
   */
  @SuppressWarnings("unchecked") // OpenMRS finds handlers by their raw class.
  public static Encounter restoreWithContents(Encounter encounter) {
    if (encounter.getVoided()) {
      RequiredDataAdvice.recursivelyHandle(
          UnvoidHandler.class,
          encounter,
          encounter.getVoidedBy(),
          encounter.getDateVoided(),
          null,
          (List<OpenmrsObject>) null);
    }
    return encounter;
  }

  /**
   * Takes back that a person, and the patient that it may be, was voided; its parts stay as they
   * are. Past the service, which wants a name before it has the document's, and brings encounters
   * back that have events of their own.
   */
  public static <P extends Person> P restorePerson(P person) {
    person.setPersonVoided(false);
    person.setPersonVoidedBy(null);
    person.setPersonDateVoided(null);
    person.setPersonVoidReason(null);
    restore(person);
    return person;
  }

  /** Takes back that it was retired. */
  public static void unretire(Retireable object) {
    object.setRetired(false);
    object.setRetiredBy(null);
    object.setDateRetired(null);
    object.setRetireReason(null);
  }
}
