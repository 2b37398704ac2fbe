package org.openmrs.module.sync2.engine;

import ca.uhn.fhir.rest.server.RestfulServer;
import java.util.Optional;
import javax.servlet.http.HttpServlet;
import org.openmrs.module.web.WebModuleUtil;

/** The FHIR module's servlet on this server, which children of this node read from. */
final class FhirServlet {

  /** As the FHIR module names it in its config.xml. */
  private static final String NAME = "fhir2Servlet";

  private FhirServlet() {}

  /**
   * Returns what is wrong with it and what to do, if anything is. A refresh of OpenMRS's context,
   * as at each start or stop of a module, takes its resources away; then it answers 404 for
   * everything, which looks as if everything had been deleted. In memory; never blocks.
   */
  static Optional<String> problem() {
    HttpServlet servlet = WebModuleUtil.getServlet(NAME);
    boolean empty =
        servlet instanceof RestfulServer
            && ((RestfulServer) servlet).getResourceBindings().isEmpty();
    return empty
        ? Optional.of(
            "The FHIR module of this server answers 404 for everything since a module was started"
                + " or stopped: restart the server, since its children cannot pull from it")
        : Optional.empty();
  }
}
