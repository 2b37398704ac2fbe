package org.openmrs;

import java.util.Set;
import org.openmrs.attribute.Attribute;
import org.openmrs.customdatatype.Customizable;

public abstract class BaseCustomizableMetadata<A extends Attribute> extends BaseOpenmrsMetadata
    implements Customizable<A> {

  public Set<A> getAttributes() {
    throw new UnsupportedOperationException();
  }

  public void addAttribute(A attribute) {
    throw new UnsupportedOperationException();
  }
}
