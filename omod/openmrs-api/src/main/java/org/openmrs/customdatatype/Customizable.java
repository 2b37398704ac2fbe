package org.openmrs.customdatatype;

import java.util.Collection;
import org.openmrs.attribute.Attribute;

public interface Customizable<A extends Attribute> {

  Collection<A> getAttributes();

  void addAttribute(A value);
}
