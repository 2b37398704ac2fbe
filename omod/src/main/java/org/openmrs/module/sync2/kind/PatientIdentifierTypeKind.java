package org.openmrs.module.sync2.kind;

import org.openmrs.PatientIdentifierType;
import org.openmrs.PatientIdentifierType.LocationBehavior;
import org.openmrs.PatientIdentifierType.UniquenessBehavior;
import org.openmrs.api.PatientService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Patient identifier types. */
final class PatientIdentifierTypeKind implements RestType<PatientIdentifierType> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("patient_identifier_type")
        .keptIn(Table.of("patient_identifier_type", "patient_identifier_type_id"))
        .knownBy("name")
        .told("org.openmrs.PatientIdentifierType", Withdrawal.RETIRED, Belonging.NOWHERE)
        .guardedBy(Privileges.ofMetadata("Identifier Types"))
        .inRest(new PatientIdentifierTypeKind());
  }

  @Override
  public Class<PatientIdentifierType> type() {
    return PatientIdentifierType.class;
  }

  @Override
  public PatientIdentifierType find(String uuid) {
    return service().getPatientIdentifierTypeByUuid(uuid);
  }

  @Override
  public void save(PatientIdentifierType here, String uuid, JsonFields json, Writing writing) {
    PatientIdentifierType type =
        here == null ? MetadataFields.stamped(new PatientIdentifierType(), uuid, json) : here;
    MetadataFields.fill(type, json, writing);
    type.setFormat(json.text("format"));
    type.setFormatDescription(json.text("formatDescription"));
    type.setRequired(json.isTrue("required"));
    type.setValidator(json.text("validator"));
    type.setLocationBehavior(json.constant("locationBehavior", LocationBehavior.class));
    type.setUniquenessBehavior(json.constant("uniquenessBehavior", UniquenessBehavior.class));
    service().savePatientIdentifierType(type);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(PatientIdentifierType here, String reason) {
    if (!here.getRetired()) {
      service().retirePatientIdentifierType(here, reason);
    }
  }

  @Override
  public void purge(PatientIdentifierType here) {
    service().purgePatientIdentifierType(here);
  }

  private static PatientService service() {
    return Context.getPatientService();
  }
}
