package org.openmrs.module.webservices.rest.web.representation;

public interface Representation {}
