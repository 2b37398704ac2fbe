package org.openmrs.sync2.node;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.svc.IIdHelperService;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.dao.index.DaoResourceLinkResolver;
import ca.uhn.fhir.jpa.delete.DeleteConflictService;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dao.JpaPid;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.model.entity.StorageSettings.IndexEnabledEnum;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * HAPI FHIR's JPA server for R4, over the data source that is in the context already. What costs
 * time and serves nobody here (search results kept in the database, full text, terminology,
 * subscriptions, jobs, history) is off.
 */
@Configuration
@Import({
  JpaR4Config.class,
  HapiJpaConfig.class,
  ThreadPoolFactoryConfig.class,
  // The server's beans want these, though no job and no subscription ever runs.
  JpaBatch2Config.class,
  Batch2JobsConfig.class,
  SubscriptionChannelConfig.class,
  SubscriptionSubmitterConfig.class
})
class FhirStoreConfiguration {

  @Bean
  JpaStorageSettings storageSettings() {
    JpaStorageSettings settings = new JpaStorageSettings();
    keepIdentity(settings);
    keepContent(settings);
    leaveOutWhatCostsTime(settings);
    return settings;
  }

  private static void keepIdentity(JpaStorageSettings settings) {
    settings.setResourceClientIdStrategy(JpaStorageSettings.ClientIdStrategyEnum.ANY);
    settings.setResourceServerIdStrategy(JpaStorageSettings.IdStrategyEnum.UUID);
    settings.setAutoCreatePlaceholderReferenceTargets(false);
    settings.setEnforceReferentialIntegrityOnWrite(true);
  }

  private static void keepContent(JpaStorageSettings settings) {
    // Tags and profiles are then part of the document. The default keeps those that an update has
    // taken away.
    settings.setTagStorageMode(JpaStorageSettings.TagStorageModeEnum.INLINE);
    // meta.source as it was sent, without a request id of ours.
    settings.setStoreMetaSourceInformation(
        JpaStorageSettings.StoreMetaSourceInformationEnum.SOURCE_URI);
  }

  private static void leaveOutWhatCostsTime(JpaStorageSettings settings) {
    settings.setResourceDbHistoryEnabled(false);
    settings.setIndexMissingFields(IndexEnabledEnum.DISABLED);
    settings.setIndexStorageOptimized(true);
    settings.setHibernateSearchIndexFullText(false);
    settings.setHibernateSearchIndexSearchParams(false);
    settings.setMarkResourcesForReindexingUponSearchParameterChange(false);
    settings.setStatusBasedReindexingDisabled(true);
    settings.setMatchUrlCacheEnabled(false);
    settings.setPreExpandValueSets(false);
    settings.setSchedulingDisabled(true);
    settings.setReuseCachedSearchResultsForMillis(null);
    settings.setWriteToSearchParamIdentityTable(false);
  }

  @Bean
  PartitionSettings partitionSettings() {
    return new PartitionSettings();
  }

  @Bean
  SubscriptionSettings subscriptionSettings() {
    return new SubscriptionSettings();
  }

  @Bean
  LocalContainerEntityManagerFactoryBean entityManagerFactory(
      DataSource dataSource,
      FhirContext context,
      JpaStorageSettings settings,
      ConfigurableListableBeanFactory beans) {
    LocalContainerEntityManagerFactoryBean factory =
        HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, context, settings);
    factory.setDataSource(dataSource);
    factory.setPersistenceUnitName("node");
    factory.setJpaProperties(hibernate());
    return factory;
  }

  private static Properties hibernate() {
    Properties properties = new Properties();
    properties.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
    properties.put("hibernate.hbm2ddl.auto", "update");
    // Each entity would be gone through before it is inserted. Hibernate's own check for nulls then
    // takes the place of that, and refuses the partition that HAPI leaves empty.
    properties.put("jakarta.persistence.validation.mode", "none");
    properties.put("hibernate.check_nullability", "false");
    properties.put("hibernate.jdbc.batch_size", "50");
    properties.put("hibernate.order_inserts", "true");
    properties.put("hibernate.order_updates", "true");
    properties.put("hibernate.search.enabled", "false");
    properties.put("hibernate.cache.use_query_cache", "false");
    properties.put("hibernate.cache.use_second_level_cache", "false");
    return properties;
  }

  @Bean
  @Primary
  JpaTransactionManager transactionManager(EntityManagerFactory factory) {
    return new JpaTransactionManager(factory);
  }

  /** In the place of HAPI's bean of this name. */
  @Bean
  ISearchParamRegistry searchParamRegistry() {
    return new ServedSearchParameters();
  }

  /** In the place of HAPI's bean of this name, whose users ask for it by several type arguments. */
  @Bean
  @SuppressWarnings("rawtypes")
  IIdHelperService idHelperService() {
    return new IndexedIdentityLookup();
  }

  /** In the place of HAPI's bean of this name. */
  @Bean
  DaoResourceLinkResolver<JpaPid> daoResourceLinkResolver() {
    return new ReferencesToRemoved();
  }

  /** In the place of HAPI's bean of this name. */
  @Bean
  DeleteConflictService deleteConflictService() {
    return new RemovalOfWhatIsReferredTo();
  }
}
