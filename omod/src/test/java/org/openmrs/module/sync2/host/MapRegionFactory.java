package org.openmrs.module.sync2.host;

import java.util.Map;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;

/** A second-level cache in maps, with Hibernate's own rules of what may be put and answered. */
public final class MapRegionFactory extends RegionFactoryTemplate {

  private static final long serialVersionUID = 1;

  @Override
  protected DomainDataStorageAccess createDomainDataStorageAccess(
      DomainDataRegionConfig region, DomainDataRegionBuildingContext context) {
    return new MapStorage();
  }

  @Override
  protected StorageAccess createQueryResultsRegionStorageAccess(
      String region, SessionFactoryImplementor sessions) {
    return new MapStorage();
  }

  @Override
  protected StorageAccess createTimestampsRegionStorageAccess(
      String region, SessionFactoryImplementor sessions) {
    return new MapStorage();
  }

  @Override
  protected void prepareForUse(
      SessionFactoryOptions options, @SuppressWarnings("rawtypes") Map properties) {}

  @Override
  protected void releaseFromUse() {}
}
