package org.openmrs.module.sync2.host;

import java.io.Serializable;
import java.util.Collection;
import java.util.stream.Stream;
import org.hibernate.Cache;
import org.hibernate.SessionFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.spi.MetamodelImplementor;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.persister.entity.Lockable;

/**
 * The second-level cache, which Hibernate keeps for all sessions. It does not hear of what is
 * written past Hibernate, by SQL or by another server on the same database.
 */
final class SharedCache {

  private final Cache cache;
  private final MetamodelImplementor metamodel;

  SharedCache(SessionFactory sessions) {
    this.cache = sessions.getCache();
    this.metamodel = sessions.unwrap(SessionFactoryImplementor.class).getMetamodel();
  }

  /**
   * Lets go of the entities of these rows and of their lists: they are read from the database next.
   *
   * @param table the entities' table; where they are of several, the root's
   */
  void forget(String table, Collection<Long> keys) {
    entities().filter(entity -> isOf(table, entity)).forEach(entity -> forget(entity, keys));
    collections()
        .filter(collection -> isOf(table, collection.getOwnerEntityPersister()))
        .forEach(collection -> forget(collection, keys));
  }

  private Stream<EntityPersister> entities() {
    return metamodel.entityPersisters().values().stream().filter(entity -> !entity.isInherited());
  }

  private Stream<CollectionPersister> collections() {
    return metamodel.collectionPersisters().values().stream().filter(CollectionPersister::hasCache);
  }

  private static boolean isOf(String table, EntityPersister entity) {
    return entity instanceof Lockable
        && table.equalsIgnoreCase(((Lockable) entity).getRootTableName());
  }

  private void forget(EntityPersister entity, Collection<Long> keys) {
    keys.forEach(key -> cache.evictEntityData(entity.getEntityName(), identifier(entity, key)));
  }

  private void forget(CollectionPersister collection, Collection<Long> keys) {
    EntityPersister owner = collection.getOwnerEntityPersister();
    keys.forEach(key -> cache.evictCollectionData(collection.getRole(), identifier(owner, key)));
  }

  /** The cache tells 1 from 1L. */
  private static Serializable identifier(EntityPersister entity, Long key) {
    return entity.getIdentifierType().getReturnedClass() == Integer.class
        ? (Serializable) key.intValue()
        : key;
  }
}
