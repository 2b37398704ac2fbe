package org.openmrs.attribute;

import org.openmrs.Auditable;
import org.openmrs.Retireable;
import org.openmrs.customdatatype.CustomValueDescriptor;
import org.openmrs.customdatatype.Customizable;

public interface AttributeType<OwningType extends Customizable<?>>
    extends CustomValueDescriptor, Auditable, Retireable {}
