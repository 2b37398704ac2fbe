package org.openmrs.sync2.node.imitation;

import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.node.FhirStore;
import org.openmrs.sync2.node.StorageWays;

/** In which ways OpenMRS's storage differs from a node's own. */
final class OpenMrsWays implements StorageWays {

  private final OpenMrsCascade cascade;
  private final OpenMrsLosses losses;
  private final OpenMrsNames names;

  OpenMrsWays(FhirStore store, DataSource dataSource) {
    this.cascade = new OpenMrsCascade(store, dataSource);
    this.losses = new OpenMrsLosses(store, dataSource);
    this.names = new OpenMrsNames(dataSource);
  }

  @Override
  public List<Object> hooks() {
    return List.of(cascade, losses);
  }

  @Override
  public Set<String> unchangeableTypes() {
    return OpenMrsLosses.UNCHANGEABLE_TYPES;
  }

  @Override
  public void check(String uuid, IBaseResource resource) {
    names.check(uuid, resource);
  }

  @Override
  public List<SyncDependent> dependents(String category, String uuid) {
    return cascade.on(category, uuid);
  }

  @Override
  public List<String> ownersOf(Resource resource) {
    return cascade.ownersOf(resource);
  }

  @Override
  public String whyRemoved(String category, String uuid) {
    return cascade.whyRemoved(category, uuid);
  }
}
