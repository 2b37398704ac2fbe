package org.openmrs.sync2.node;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import java.util.UUID;

/**
 * The order to a storage that cascades, beside a request to remove or restore a resource.
 *
 * @param removal the removal that it is part of: what goes in one comes back in one
 * @param reason why it is removed, which may be empty
 */
public record CascadeOrder(Reach reach, String removal, String reason) {

  /** How far a removal or a restoring goes. */
  public enum Reach {
    /** To all that hangs on the resource, as OpenMRS's services do for a user. */
    EVERYTHING,
    /**
     * Of a restoring: an encounter comes with its observations, everything else alone. So the
     * module saves what the other side sends: the others have events of their own.
     */
    CONTENTS,
    /** To the resource itself. */
    ALONE
  }

  private static final String KEY = CascadeOrder.class.getName();

  private static final int LONGEST_REASON = 1000;

  /** Of a removal with all that hangs on it. */
  static CascadeOrder removal(String reason) {
    return new CascadeOrder(Reach.EVERYTHING, newRemoval(), cut(reason));
  }

  private static String newRemoval() {
    return UUID.randomUUID().toString();
  }

  private static String cut(String reason) {
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
  }

  /** Of a document that the other side sent. */
  static CascadeOrder received() {
    return new CascadeOrder(Reach.CONTENTS, newRemoval(), "");
  }

  /** Of one resource and nothing else. */
  public static CascadeOrder alone() {
    return new CascadeOrder(Reach.ALONE, newRemoval(), "");
  }

  /** Of something that goes along. */
  public CascadeOrder along() {
    return new CascadeOrder(Reach.ALONE, removal, reason);
  }

  /** Reads the order of a request; a user's has none, and reaches everything. */
  public static CascadeOrder of(RequestDetails request) {
    Object told = request == null ? null : request.getUserData().get(KEY);
    return told instanceof CascadeOrder order ? order : removal("");
  }

  /** A request that says so. */
  public SystemRequestDetails request() {
    SystemRequestDetails request = new SystemRequestDetails();
    request.getUserData().put(KEY, this);
    return request;
  }
}
