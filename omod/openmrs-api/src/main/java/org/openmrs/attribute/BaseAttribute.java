package org.openmrs.attribute;

import org.openmrs.BaseOpenmrsData;
import org.openmrs.customdatatype.Customizable;

public abstract class BaseAttribute<AT extends AttributeType, OwningType extends Customizable<?>>
    extends BaseOpenmrsData implements Attribute<AT, OwningType> {

  public void setAttributeType(AT attributeType) {
    throw new UnsupportedOperationException();
  }

  public AT getAttributeType() {
    throw new UnsupportedOperationException();
  }

  public void setValueReferenceInternal(String valueReference) {
    throw new UnsupportedOperationException();
  }
}
