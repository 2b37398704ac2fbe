package org.openmrs.module.sync2.host;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.engine.spi.SharedSessionContractImplementor;

/** A region of a cache that forgets only what it is told to. */
final class MapStorage implements DomainDataStorageAccess {

  private final Map<Object, Object> values = new ConcurrentHashMap<>();

  @Override
  public Object getFromCache(Object key, SharedSessionContractImplementor session) {
    return values.get(key);
  }

  @Override
  public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
    values.put(key, value);
  }

  @Override
  public boolean contains(Object key) {
    return values.containsKey(key);
  }

  @Override
  public void evictData() {
    values.clear();
  }

  @Override
  public void evictData(Object key) {
    values.remove(key);
  }

  @Override
  public void release() {
    values.clear();
  }
}
