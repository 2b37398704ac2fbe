package org.openmrs;

import java.util.Date;
import java.util.Set;
import org.openmrs.customdatatype.Customizable;

public class Concept extends BaseOpenmrsObject
    implements Auditable, Retireable, Attributable<Concept>, Customizable<ConceptAttribute> {

  public ConceptDatatype getDatatype() {
    throw new UnsupportedOperationException();
  }

  public void setCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public void setRetiredBy(User retiredBy) {
    throw new UnsupportedOperationException();
  }

  public void setDateRetired(Date dateRetired) {
    throw new UnsupportedOperationException();
  }

  public void setRetireReason(String retireReason) {
    throw new UnsupportedOperationException();
  }

  public void setRetired(Boolean retired) {
    throw new UnsupportedOperationException();
  }

  public String serialize() {
    throw new UnsupportedOperationException();
  }

  public Set<ConceptAttribute> getAttributes() {
    throw new UnsupportedOperationException();
  }

  public void addAttribute(ConceptAttribute attribute) {
    throw new UnsupportedOperationException();
  }
}
