package org.openmrs.module.sync2.host.writing;

import java.util.UUID;
import org.openmrs.Obs;

/**
 * The versions of an observation. OpenMRS never changes one: a change is a new row, which takes the
 * uuid over, and the old one stays, voided, under another.
 */
public final class ObsVersion {

  /** Why the older version is voided. */
  static final String REASON = "Changed at the parent";

  private final Writing writing;

  /** Within the writing of one document. */
  public ObsVersion(Writing writing) {
    this.writing = writing;
  }

  /**
   * Makes the observation that is here say what is coming.
   *
   * @param here null when it was never here
   * @param coming complete, with what the document cannot say taken from what is here
   * @param before the uuid of the version before, where the document names one that is not here:
   *     the row that is replaced becomes that one; else null
   * @return what is here now: the same row where both say the same
   */
  public Obs save(Obs here, Obs coming, String before) {
    if (here == null) {
      return insert(coming);
    }
    if (ObservationContent.isSame(here, coming)) {
      // Past the service: its validator would interpret the value anew, and make of the restored
      // row a changed one, with another uuid. Members have events of their own.
      Removal.restore(here);
      return here;
    }
    replace(here, coming, before);
    return coming;
  }

  /** The old row is in the database with its other uuid before the new one takes this. */
  private void replace(Obs old, Obs coming, String before) {
    if (before == null) {
      old.setUuid(UUID.randomUUID().toString());
    } else {
      old.setUuid(before);
      coming.setPreviousVersion(old);
    }
    writing.removal().voidAlone(old, REASON);
    writing.session().flush();
    insert(coming);
    writing.session().flush();
    writing.session().moveMembers(old, coming);
  }

  /** A group is here before its members, and so looks like an observation without a value. */
  private Obs insert(Obs coming) {
    boolean isGroup = !ObservationContent.hasValue(coming);
    writing.rules().hold(coming, rule -> !(isGroup && rule.isAboutTheValue()));
    writing.session().store(coming);
    return coming;
  }
}
