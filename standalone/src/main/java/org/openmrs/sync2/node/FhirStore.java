package org.openmrs.sync2.node;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.IInterceptorService;
import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.jpa.api.dao.IFhirResourceDao;
import ca.uhn.fhir.parser.LenientErrorHandler;
import jakarta.persistence.EntityManagerFactory;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** The FHIR server's storage, in this process. */
public final class FhirStore implements AutoCloseable {

  private final AnnotationConfigApplicationContext beans;
  private final DaoRegistry daos;

  private FhirStore(AnnotationConfigApplicationContext beans) {
    this.beans = beans;
    this.daos = beans.getBean(DaoRegistry.class);
  }

  /**
   * Opens the storage over a database, and makes its tables where they are missing. Takes seconds.
   */
  static FhirStore open(DataSource dataSource) {
    AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext();
    try {
      beans.registerBean(
          "dataSource", DataSource.class, () -> dataSource, bean -> bean.setDestroyMethodName(""));
      beans.register(FhirStoreConfiguration.class);
      RepositoriesWhenUsed.in(beans);
      beans.refresh();
      // Its message quotes the document, and that is a patient's.
      beans.getBean(FhirContext.class).setParserErrorHandler(new LenientErrorHandler(false));
      // HAPI's own constraint has a partition column, which is null here, and nulls are never
      // equal.
      new JdbcTemplate(dataSource)
          .execute(
              "CREATE UNIQUE INDEX IF NOT EXISTS node_resource_identity ON HFJ_RESOURCE (FHIR_ID,"
                  + " RES_TYPE)");
      return new FhirStore(beans);
    } catch (RuntimeException e) {
      beans.close();
      throw e;
    }
  }

  /** R4. */
  public FhirContext context() {
    return beans.getBean(FhirContext.class);
  }

  /** The storage of one resource type. */
  @SuppressWarnings("unchecked")
  public IFhirResourceDao<IBaseResource> dao(String resourceType) {
    return daos.getResourceDao(resourceType);
  }

  /** Begins and ends what the storage and plain JDBC on the same data source do together. */
  PlatformTransactionManager transactionManager() {
    return beans.getBean(PlatformTransactionManager.class);
  }

  EntityManagerFactory entityManagerFactory() {
    return beans.getBean(EntityManagerFactory.class);
  }

  /** Where hooks into the storage are registered. */
  IInterceptorService interceptors() {
    return beans.getBean(IInterceptorService.class);
  }

  /** A bean of the storage's own. */
  <T> T bean(Class<T> type) {
    return beans.getBean(type);
  }

  /** A bean of the storage's own, where there are several of a type. */
  <T> T bean(String name, Class<T> type) {
    return beans.getBean(name, type);
  }

  @Override
  public void close() {
    beans.close();
  }
}
