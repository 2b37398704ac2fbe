package org.openmrs.module.sync2.host.writing;

import java.util.Collections;
import java.util.List;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.api.context.Context;

/** The identifiers of all patients of this server. */
public final class OpenmrsIdentifiers implements IdentifierOwner.Identifiers {

  @Override
  public List<PatientIdentifier> of(String value, PatientIdentifierType type) {
    return Context.getPatientService()
        .getPatientIdentifiers(
            value,
            Collections.singletonList(type),
            Collections.emptyList(),
            Collections.emptyList(),
            null);
  }
}
