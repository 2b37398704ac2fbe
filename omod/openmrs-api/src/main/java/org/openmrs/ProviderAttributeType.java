package org.openmrs;

import org.openmrs.attribute.BaseAttributeType;

public class ProviderAttributeType extends BaseAttributeType<Provider> {}
