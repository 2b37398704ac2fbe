package org.openmrs;

import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;
import org.openmrs.customdatatype.Customizable;

public class Concept extends BaseOpenmrsObject
    implements Auditable, Retireable, Attributable<Concept>, Customizable<ConceptAttribute> {

  private ConceptDatatype datatype;
  private Set<ConceptAttribute> attributes = new LinkedHashSet<>();
  private User creator;
  private Date dateCreated;
  private User retiredBy;
  private Date dateRetired;
  private String retireReason;
  private Boolean retired = false;

  public ConceptDatatype getDatatype() {
    return datatype;
  }

  public void setCreator(User creator) {
    this.creator = creator;
  }

  public void setDateCreated(Date dateCreated) {
    this.dateCreated = dateCreated;
  }

  public void setRetiredBy(User retiredBy) {
    this.retiredBy = retiredBy;
  }

  public void setDateRetired(Date dateRetired) {
    this.dateRetired = dateRetired;
  }

  public void setRetireReason(String retireReason) {
    this.retireReason = retireReason;
  }

  public Boolean getRetired() {
    return retired;
  }

  public void setRetired(Boolean retired) {
    this.retired = retired;
  }

  public String serialize() {
    throw new UnsupportedOperationException();
  }

  public Set<ConceptAttribute> getAttributes() {
    return attributes;
  }

  public void addAttribute(ConceptAttribute attribute) {
    throw new UnsupportedOperationException();
  }
}
