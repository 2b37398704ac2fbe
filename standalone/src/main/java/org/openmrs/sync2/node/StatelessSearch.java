package org.openmrs.sync2.node;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.jpa.searchparam.SearchParameterMap;
import ca.uhn.fhir.rest.api.Constants;
import ca.uhn.fhir.rest.api.SortSpec;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;

/**
 * Answers each page of a search from the resources as they are, by offset. HAPI would write each
 * search and its results into the database and page through those. Without an order of its own a
 * search goes by the order of creation, so that pages neither overlap nor leave anything out while
 * resources are added.
 */
@Interceptor
public final class StatelessSearch {

  static final int DEFAULT_PAGE = 100;
  static final int LARGEST_PAGE = 1000;

  /** The request is null for a search of the storage's own, which stays as it is. */
  @Hook(Pointcut.STORAGE_PRESEARCH_REGISTERED)
  public void byOffset(SearchParameterMap search, ServletRequestDetails request) {
    if (request == null) {
      return;
    }
    if (search.getOffset() == null) {
      search.setOffset(0);
    }
    int asked = search.getCount() == null ? DEFAULT_PAGE : search.getCount();
    search.setCount(Math.min(asked, LARGEST_PAGE));
    if (search.getSort() == null) {
      search.setSort(new SortSpec(Constants.PARAM_PID));
    }
  }
}
