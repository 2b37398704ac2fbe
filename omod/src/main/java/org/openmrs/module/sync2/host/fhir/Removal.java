package org.openmrs.module.sync2.host.fhir;

import java.util.Date;
import org.openmrs.Person;
import org.openmrs.Retireable;
import org.openmrs.Voidable;
import org.openmrs.api.context.Context;

/** Voiding and its undoing, of one object and nothing that hangs on it. */
final class Removal {

  /** Why something is voided or retired here. */
  static final String REASON = "Removed at the parent";

  private Removal() {}

  /** Voids it, unless it is voided already: then who did so, when and why stays. */
  static void voidAlone(Voidable object, String reason) {
    if (object.getVoided()) {
      return;
    }
    object.setVoided(true);
    object.setVoidedBy(Context.getAuthenticatedUser());
    object.setDateVoided(new Date());
    object.setVoidReason(reason);
  }

  /** Takes back that it was voided. */
  static void restore(Voidable object) {
    object.setVoided(false);
    object.setVoidedBy(null);
    object.setDateVoided(null);
    object.setVoidReason(null);
  }

  /** Takes back that a person, and the patient that it may be, was voided. */
  static void restorePerson(Person person) {
    person.setPersonVoided(false);
    person.setPersonVoidedBy(null);
    person.setPersonDateVoided(null);
    person.setPersonVoidReason(null);
    restore(person);
  }

  /** Takes back that it was retired. */
  static void unretire(Retireable object) {
    object.setRetired(false);
    object.setRetiredBy(null);
    object.setDateRetired(null);
    object.setRetireReason(null);
  }
}
