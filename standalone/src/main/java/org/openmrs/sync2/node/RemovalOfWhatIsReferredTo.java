package org.openmrs.sync2.node;

import ca.uhn.fhir.jpa.api.model.DeleteConflictList;
import ca.uhn.fhir.jpa.delete.DeleteConflictService;
import ca.uhn.fhir.jpa.model.entity.ResourceTable;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.api.server.storage.TransactionDetails;

/**
 * Lets a resource be removed that others refer to, as OpenMRS lets it be voided. HAPI would refuse,
 * or, with its check off, forget one of the links to it, so that a search would no longer find what
 * refers to it.
 */
final class RemovalOfWhatIsReferredTo extends DeleteConflictService {

  @Override
  public int validateOkToDelete(
      DeleteConflictList conflicts,
      ResourceTable resource,
      boolean forValidate,
      RequestDetails request,
      TransactionDetails transaction) {
    return 0;
  }
}
