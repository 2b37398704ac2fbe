package org.openmrs.attribute;

import org.openmrs.Auditable;
import org.openmrs.Voidable;
import org.openmrs.customdatatype.Customizable;

public interface Attribute<AT extends AttributeType, OT extends Customizable<?>>
    extends Auditable, Voidable {}
