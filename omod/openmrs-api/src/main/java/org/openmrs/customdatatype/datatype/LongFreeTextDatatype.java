package org.openmrs.customdatatype.datatype;

public class LongFreeTextDatatype {}
