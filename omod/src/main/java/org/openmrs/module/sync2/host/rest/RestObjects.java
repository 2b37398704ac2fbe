package org.openmrs.module.sync2.host.rest;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.openmrs.module.sync2.host.CategoryObjects;

/** The objects of each category in the REST representation. */
public final class RestObjects {

  private static final Map<String, RestType<?>> TYPES = types();

  private RestObjects() {}

  /**
   * The objects of a category, for any thread.
   *
   * @param category such as {@code patient}
   * @return null when the category is not supported in this representation
   */
  public static CategoryObjects of(String category) {
    RestType<?> type = TYPES.get(category);
    return type == null ? null : new RestCategory<>(category, type);
  }

  private static Map<String, RestType<?>> types() {
    Map<String, RestType<?>> types = new HashMap<>();
    types.put("encounter_type", new EncounterTypeRest());
    types.put("visittype", new VisitTypeRest());
    types.put("patient_identifier_type", new PatientIdentifierTypeRest());
    types.put("person_attribute_type", new PersonAttributeTypeRest());
    types.put("encounter_role", new EncounterRoleRest());
    types.put("visit_attribute_type", new VisitAttributeTypeRest());
    types.put("location_attribute_type", new LocationAttributeTypeRest());
    types.put("provider_attribute_type", new ProviderAttributeTypeRest());
    types.put("location", new LocationRest());
    types.put("person", new PersonRest());
    types.put("provider", new ProviderRest());
    types.put("patient", new PatientRest());
    types.put("visit", new VisitRest());
    types.put("encounter", new EncounterRest());
    types.put("observation", new ObservationRest());
    return Collections.unmodifiableMap(types);
  }
}
