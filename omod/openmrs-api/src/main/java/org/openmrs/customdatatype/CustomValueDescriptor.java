package org.openmrs.customdatatype;

public interface CustomValueDescriptor {

  String getDatatypeClassname();
}
