package org.openmrs.module.sync2.kind;

import java.util.function.BiConsumer;
import org.openmrs.Auditable;
import org.openmrs.BaseOpenmrsData;
import org.openmrs.Person;
import org.openmrs.User;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;

/**
 * Who made the parts of one document at the parent, and when. Where that user is not here, or not
 * told, OpenMRS puts in the user of the thread.
 */
final class Creation {

  private Creation() {}

  /** For an object that is new here. */
  static void stamp(Auditable object, JsonFields json) {
    object.setCreator(user(json, "creator"));
    object.setDateCreated(json.instant("dateCreated"));
  }

  /** Fills a part; who made it and when stays where that is known already. */
  static <P extends BaseOpenmrsData> BiConsumer<P, JsonFields> stamping(
      BiConsumer<P, JsonFields> filler) {
    return (part, json) -> {
      if (part.getDateCreated() == null) {
        stamp(part, json);
      }
      filler.accept(part, json);
    };
  }

  /** For a person that is new here; a patient's own creator is stamped after. */
  static void stampPerson(Person person, JsonFields json) {
    person.setPersonCreator(user(json, "personCreator"));
    person.setPersonDateCreated(json.instant("personDateCreated"));
  }

  /** Null when it is not told, or not here. */
  static User user(JsonFields json, String field) {
    String uuid = json.has(field) ? json.reference(field) : null;
    return uuid == null
        ? null
        : HostSession.once("user", uuid, Context.getUserService()::getUserByUuid);
  }
}
