package org.openmrs;

import org.openmrs.attribute.BaseAttribute;

public class ProviderAttribute extends BaseAttribute<ProviderAttributeType, Provider> {}
