package org.openmrs.module.fhir2.api.dao;

import org.openmrs.Auditable;
import org.openmrs.OpenmrsObject;

public interface FhirDao<T extends OpenmrsObject & Auditable> {

  T createOrUpdate(T value);
}
