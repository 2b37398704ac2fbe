package org.openmrs.sync2.node;

import ca.uhn.fhir.interceptor.model.RequestPartitionId;
import ca.uhn.fhir.jpa.api.svc.IIdHelperService;
import ca.uhn.fhir.jpa.api.svc.ResolveIdentityMode;
import ca.uhn.fhir.jpa.dao.index.DaoResourceLinkResolver;
import ca.uhn.fhir.jpa.model.cross.IResourceLookup;
import ca.uhn.fhir.jpa.model.dao.JpaPid;
import ca.uhn.fhir.jpa.searchparam.extractor.PathAndRef;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.api.server.storage.IResourcePersistentId;
import ca.uhn.fhir.rest.api.server.storage.TransactionDetails;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import org.hl7.fhir.instance.model.api.IIdType;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Lets a reference to a removed resource stand, as OpenMRS lets one to a voided object stand: HAPI
 * would refuse to save an observation whose encounter was voided. One to a resource that was never
 * here is refused as ever. Since it does not matter whether the target is removed, its identity may
 * come from HAPI's cache.
 */
final class ReferencesToRemoved extends DaoResourceLinkResolver<JpaPid> {

  @Autowired private IIdHelperService<JpaPid> identities;

  @Override
  public IResourceLookup<?> findTargetResource(
      RequestPartitionId partition,
      String sourceType,
      PathAndRef reference,
      RequestDetails request,
      TransactionDetails transaction) {
    IIdType target = reference.getRef().getReferenceElement();
    if (!target.hasIdPart() || isKnown(transaction.getResolvedResourceId(target))) {
      return super.findTargetResource(partition, sourceType, reference, request, transaction);
    }
    try {
      return identities.resolveResourceIdentity(
          partition,
          target.getResourceType(),
          target.getIdPart(),
          ResolveIdentityMode.includeDeleted().cacheOk());
    } catch (ResourceNotFoundException e) {
      return super.findTargetResource(partition, sourceType, reference, request, transaction);
    }
  }

  /** Returns true if this transaction has saved it, or has referred to it before. */
  private static boolean isKnown(IResourcePersistentId<?> identity) {
    return identity != null && identity.getId() != null;
  }
}
