package org.openmrs.api.context;

import org.openmrs.api.APIException;

public class ContextAuthenticationException extends APIException {

  private static final long serialVersionUID = 1L;
}
