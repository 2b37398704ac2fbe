package org.openmrs.sync2.node.bench;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.client.interceptor.BasicAuthInterceptor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.ict4h.atomfeed.client.AtomFeedProperties;
import org.ict4h.atomfeed.client.domain.Event;
import org.ict4h.atomfeed.client.service.AtomFeedClient;
import org.ict4h.atomfeed.client.service.EventWorker;

/**
 * Synchronization as it was before: ICT4H's client goes through the feeds, one after the other, and
 * for each event an object is read from one server and written to the other, both over HTTP with
 * Basic auth by HAPI's client.
 *
 * <p>It is spared what it does once only: walking back from the newest page of a feed to the first,
 * and asking both servers what they can do.
 *
 * @param mostEvents after how many it stops
 */
record ReferenceClient(FhirContext fhir, int mostEvents) {

  private static final String FHIR_PATH = "/ws/fhir2/R4";
  private static final int CONNECT_MILLIS = 30_000;
  private static final int READ_MILLIS = 60_000;

  /** At the child, as it was. */
  static Contestant pulling(FhirContext fhir, String parentUrl, int mostEvents) {
    ReferenceClient client = new ReferenceClient(fhir, mostEvents);
    return child -> client.copy(parentUrl, child.baseUrl());
  }

  /** At the child too, with the feeds of the child. */
  static Contestant pushing(FhirContext fhir, String parentUrl, int mostEvents) {
    ReferenceClient client = new ReferenceClient(fhir, mostEvents);
    return child -> client.copy(child.baseUrl(), parentUrl);
  }

  private long copy(String from, String to) throws Exception {
    try (ReferenceStore store = ReferenceStore.open()) {
      ObjectCopier copier = new ObjectCopier(client(from), client(to));
      EventLimit feeds = EventLimit.logIn(from, properties(), mostEvents);
      for (String category : BenchNodes.CATEGORIES) {
        URI feed = URI.create(from + "/ws/atomfeed/" + category + "/recent");
        store.markFirstPage(feed);
        new AtomFeedClient(
                feeds,
                store.markers(),
                store.failedEvents(),
                properties(),
                store.transactions(),
                feed,
                copier)
            .processEvents();
        store.requireNoneFailed(feed);
      }
      return copier.copied;
    }
  }

  private static AtomFeedProperties properties() {
    AtomFeedProperties properties = new AtomFeedProperties();
    properties.setConnectTimeout(CONNECT_MILLIS);
    properties.setReadTimeout(READ_MILLIS);
    // The first failure ends it.
    properties.setMaxFailedEvents(1);
    return properties;
  }

  private IGenericClient client(String node) {
    IGenericClient client = fhir.newRestfulGenericClient(node + FHIR_PATH);
    client.registerInterceptor(new BasicAuthInterceptor(BenchNodes.USERNAME, BenchNodes.PASSWORD));
    return client;
  }

  /** A context whose clients do not ask a server for its capabilities first. */
  static FhirContext context() {
    FhirContext fhir = FhirContext.forR4();
    fhir.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.NEVER);
    fhir.getRestfulClientFactory().setConnectTimeout(CONNECT_MILLIS);
    fhir.getRestfulClientFactory().setSocketTimeout(READ_MILLIS);
    return fhir;
  }

  /** Carries the object of each event. */
  private static final class ObjectCopier implements EventWorker {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern FHIR_LINK = Pattern.compile("/([A-Za-z]+)/([^/]+)$");

    private final IGenericClient from;
    private final IGenericClient to;
    private long copied;

    ObjectCopier(IGenericClient from, IGenericClient to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void process(Event event) {
      Matcher link = FHIR_LINK.matcher(fhirLink(event));
      if (!link.find()) {
        throw new IllegalArgumentException("The event " + event.getId() + " has no FHIR link.");
      }
      IBaseResource resource = from.read().resource(link.group(1)).withId(link.group(2)).execute();
      // One server's version means nothing to the other.
      resource.setId(resource.getIdElement().toUnqualifiedVersionless());
      to.update().resource(resource).execute();
      copied++;
    }

    private static String fhirLink(Event event) {
      try {
        return MAPPER.readTree(event.getContent()).path("fhir").asText();
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("The event " + event.getId() + " is no JSON.", e);
      }
    }

    @Override
    public void cleanUp(Event event) {
      // Nothing is kept of an event.
    }
  }
}
