package org.openmrs.module.sync2.host.fhir;

import org.openmrs.api.context.ServiceContext;
import org.springframework.context.ApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * The beans of OpenMRS's FHIR module. They are looked up by type, as the module itself does, so
 * that a site's own translator that is marked as primary is used here too.
 */
final class FhirModule {

  private FhirModule() {}

  /** The bean of this type. */
  static <T> T bean(Class<T> type) {
    return beans().getBean(type);
  }

  /** The bean of a generic type for this parameter, such as the encounter translator of visits. */
  @SuppressWarnings("unchecked")
  static <T> T bean(Class<? super T> type, Class<?> parameter) {
    ResolvableType exactly = ResolvableType.forClassWithGenerics(type, parameter);
    return (T) beans().getBeanProvider(exactly).getObject();
  }

  private static ApplicationContext beans() {
    return ServiceContext.getInstance().getApplicationContext();
  }
}
