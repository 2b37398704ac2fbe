package org.openmrs.sync2.node;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ResourceServlet;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of the page for administrators, under the address that they have in OpenMRS. */
final class PageServlet extends ResourceServlet {

  /** Below the context's path. */
  static final String PATH = "/moduleResources/sync2";

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(PageServlet.class);

  /** Where the build puts them on the class path. */
  private static final String FILES = "sync2-page/";

  /** Their names change with their content. */
  private static final String UNCHANGING_FILES = "/assets/";

  /** Serves the page, if this program was built with it. */
  static void serve(ServletContextHandler context) {
    Resource files = ResourceFactory.of(context).newClassLoaderResource(FILES);
    if (files == null) {
      LOG.info("This program was built without the page.");
      return;
    }
    ServletHolder holder = new ServletHolder(new PageServlet());
    holder.setInitParameter("baseResource", files.getURI().toString());
    holder.setInitParameter("dirAllowed", "false");
    context.addServlet(holder, PATH + "/*");
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String file = request.getPathInfo();
    boolean unchanging = file != null && file.startsWith(UNCHANGING_FILES);
    response.setHeader(
        "Cache-Control", unchanging ? "public, max-age=31536000, immutable" : "no-cache");
    // The policy that the page itself has in a meta element, and the part that only a header can
    // say.
    response.setHeader("Content-Security-Policy", "frame-ancestors 'self'");
    response.setHeader("X-Content-Type-Options", "nosniff");
    super.doGet(request, response);
  }
}
