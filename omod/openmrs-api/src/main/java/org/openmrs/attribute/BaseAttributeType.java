package org.openmrs.attribute;

import org.openmrs.BaseOpenmrsMetadata;
import org.openmrs.customdatatype.Customizable;

public abstract class BaseAttributeType<OwningType extends Customizable<?>>
    extends BaseOpenmrsMetadata implements AttributeType<OwningType> {

  public String getDatatypeClassname() {
    throw new UnsupportedOperationException();
  }
}
