package org.openmrs.api.handler;

import org.openmrs.OpenmrsObject;

public interface RequiredDataHandler<O extends OpenmrsObject> {}
