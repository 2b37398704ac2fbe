package org.openmrs.sync2.node;

import ca.uhn.fhir.interceptor.model.RequestPartitionId;
import ca.uhn.fhir.jpa.api.svc.ResolveIdentityMode;
import ca.uhn.fhir.jpa.dao.index.IdHelperService;
import ca.uhn.fhir.jpa.model.cross.IResourceLookup;
import ca.uhn.fhir.jpa.model.dao.JpaPid;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.instance.model.api.IIdType;

/**
 * Looks ids up one by one, each through the index of types and ids. HAPI asks for all in one
 * statement, a condition for each joined by OR, for which H2 goes through the whole table.
 */
final class IndexedIdentityLookup extends IdHelperService {

  @Override
  public Map<IIdType, IResourceLookup<JpaPid>> resolveResourceIdentities(
      RequestPartitionId partition, Collection<IIdType> ids, ResolveIdentityMode mode) {
    Map<IIdType, IResourceLookup<JpaPid>> identities = new HashMap<>();
    for (IIdType id : ids) {
      identities.putAll(super.resolveResourceIdentities(partition, List.of(id), mode));
    }
    return identities;
  }
}
