package org.openmrs.sync2.node;

import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.UnclassifiedServerFailureException;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.http.BadMessageException;

/**
 * The FHIR API over the storage. It has an interceptor service of its own: HAPI calls the storage's
 * hooks through both, so with one for both each change would be captured twice.
 */
final class FhirServlet extends RestfulServer {

  private static final long serialVersionUID = 1L;

  private final transient FhirStore store;

  FhirServlet(FhirStore store) {
    super(store.context());
    this.store = store;
  }

  /** HAPI would expand a compressed body in memory, however large it becomes. */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (request.getHeader("Content-Encoding") != null) {
      response.sendError(
          HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE, "a FHIR resource may not be compressed");
      return;
    }
    super.service(request, response);
  }

  /** The server cuts off what is too large, which HAPI would take for a failure of its own. */
  static final class CutOffBodies {

    @Hook(Pointcut.SERVER_PRE_PROCESS_OUTGOING_EXCEPTION)
    public BaseServerResponseException answer(Throwable failure) {
      return failure instanceof BadMessageException cutOff
          ? new UnclassifiedServerFailureException(cutOff.getCode(), cutOff.getReason())
          : null;
    }
  }

  @Override
  protected void initialize() {
    registerInterceptor(new CutOffBodies());
    JpaSystemProvider<?, ?> system = store.bean(JpaSystemProvider.class);
    registerProviders(
        store.bean("myResourceProvidersR4", ResourceProviderFactory.class).createProviders());
    registerProvider(system);
    // HAPI's own limit is half a batch of the engine's.
    setPagingProvider(
        store
            .bean(DatabaseBackedPagingProvider.class)
            .setDefaultPageSize(StatelessSearch.DEFAULT_PAGE)
            .setMaximumPageSize(StatelessSearch.LARGEST_PAGE));
    setDefaultResponseEncoding(EncodingEnum.JSON);
    setServerConformanceProvider(
        new JpaCapabilityStatementProvider(
            this,
            store.bean("mySystemDaoR4", ca.uhn.fhir.jpa.api.dao.IFhirSystemDao.class),
            store.bean(JpaStorageSettings.class),
            store.bean(ISearchParamRegistry.class),
            store.bean(IValidationSupport.class)));
  }
}
