package org.openmrs;

import java.util.Date;

public class Relationship extends BaseOpenmrsData {

  public void setPersonA(Person personA) {
    throw new UnsupportedOperationException();
  }

  public void setRelationshipType(RelationshipType type) {
    throw new UnsupportedOperationException();
  }

  public void setPersonB(Person personB) {
    throw new UnsupportedOperationException();
  }

  public void setStartDate(Date startDate) {
    throw new UnsupportedOperationException();
  }

  public void setEndDate(Date endDate) {
    throw new UnsupportedOperationException();
  }
}
