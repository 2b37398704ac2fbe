package org.openmrs.api.handler;

import org.openmrs.Voidable;

public interface UnvoidHandler<V extends Voidable> extends RequiredDataHandler<V> {}
