package org.openmrs;

import java.util.Set;
import org.openmrs.attribute.Attribute;
import org.openmrs.customdatatype.Customizable;

public abstract class BaseCustomizableData<A extends Attribute> extends BaseOpenmrsData
    implements Customizable<A> {

  public Set<A> getAttributes() {
    throw new UnsupportedOperationException();
  }

  public void addAttribute(A attribute) {
    throw new UnsupportedOperationException();
  }
}
