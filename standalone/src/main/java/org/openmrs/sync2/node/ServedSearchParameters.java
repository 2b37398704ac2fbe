package org.openmrs.sync2.node;

import ca.uhn.fhir.context.RuntimeSearchParam;
import ca.uhn.fhir.jpa.searchparam.registry.RuntimeSearchParamCache;
import ca.uhn.fhir.jpa.searchparam.registry.SearchParamRegistryImpl;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.util.Set;

/**
 * The search parameters that the node serves, and so indexes: all references, since HAPI checks and
 * links only those that it indexes, and those of OpenMRS's FHIR module that objects are looked for
 * by, not its filters by status. Evaluating all of FHIR's parameters is most of the time of a save.
 */
final class ServedSearchParameters extends SearchParamRegistryImpl {

  private static final Set<String> SERVED =
      Set.of("identifier", "name", "family", "given", "birthdate", "gender", "code", "date");

  @Override
  public void setActiveSearchParams(RuntimeSearchParamCache parameters) {
    for (RuntimeSearchParam parameter : parameters.getSearchParamStream().toList()) {
      if (!isServed(parameter)) {
        parameter.getBase().forEach(type -> parameters.remove(type, parameter.getName()));
      }
    }
    super.setActiveSearchParams(parameters);
  }

  private static boolean isServed(RuntimeSearchParam parameter) {
    return parameter.getParamType() == RestSearchParameterTypeEnum.REFERENCE
        || parameter.getName().startsWith("_")
        || SERVED.contains(parameter.getName())
        || parameter.getBase().contains("SearchParameter");
  }
}
