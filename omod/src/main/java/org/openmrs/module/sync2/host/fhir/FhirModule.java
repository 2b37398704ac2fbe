package org.openmrs.module.sync2.host.fhir;

import org.openmrs.api.context.ServiceContext;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.context.ApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * The beans of OpenMRS's FHIR module, looked up by type at every use: OpenMRS makes new ones when a
 * module starts.
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
    ApplicationContext beans = beans();
    ResolvableType exactly = ResolvableType.forClassWithGenerics(type, parameter);
    // Spring remembers which beans are of a plain type, and searches all of them for a generic one.
    for (String name : beans.getBeanNamesForType(type)) {
      if (beans.isTypeMatch(name, exactly)) {
        return (T) beans.getBean(name);
      }
    }
    throw new NoSuchBeanDefinitionException(exactly);
  }

  private static ApplicationContext beans() {
    return ServiceContext.getInstance().getApplicationContext();
  }
}
