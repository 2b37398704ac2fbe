package org.openmrs.module.sync2.kind;

import org.openmrs.Visit;
import org.openmrs.VisitAttribute;
import org.openmrs.api.VisitService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Visits with their attributes, without their encounters. */
final class VisitKind implements RestType<Visit> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("visit")
        .keptIn(Table.of("visit", "visit_id").with("visit_attribute", "visit_id"))
        .heldWhenReferredTo()
        .told("org.openmrs.Visit", Withdrawal.VOIDED, Belonging.OF_PATIENT_AT_LOCATION)
        .part("org.openmrs.VisitAttribute", "visit")
        .guardedBy(Privileges.ofData("Visits"))
        .belongs(PlaceQuery.atItself("visit", "x.patient_id"))
        .inRest(new VisitKind());
  }

  @Override
  public Class<Visit> type() {
    return Visit.class;
  }

  @Override
  public Visit find(String uuid) {
    return visits().getVisitByUuid(uuid);
  }

  @Override
  public void save(Visit here, String uuid, JsonFields json, Writing writing) {
    Visit visit = here == null ? create(uuid, json) : here;
    // Without its encounters, which have events of their own.
    Removal.restore(visit);
    visit.setPatient(References.patient(json, "patient"));
    visit.setVisitType(References.visitType(json, "visitType"));
    visit.setIndication(References.concept(json, "indication"));
    visit.setLocation(References.location(json, "location"));
    visit.setStartDatetime(json.instant("startDatetime"));
    visit.setStopDatetime(json.instant("stopDatetime"));
    AttributeParts.of(visit, VisitAttribute::new, visits()::getVisitAttributeTypeByUuid)
        .reconcile(json.parts(AttributeParts.FIELD), writing.removal());
    writing.store(visit);
  }

  @Override
  public void remove(Visit here, String reason) {
    if (!here.getVoided()) {
      visits().voidVisit(here, reason);
    }
  }

  @Override
  public void purge(Visit here) {
    visits().purgeVisit(here);
  }

  private static Visit create(String uuid, JsonFields json) {
    Visit visit = new Visit();
    visit.setUuid(uuid);
    Creation.stamp(visit, json);
    return visit;
  }

  private static VisitService visits() {
    return Context.getVisitService();
  }
}
