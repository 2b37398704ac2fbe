package org.openmrs;

public class RelationshipType extends BaseOpenmrsMetadata {

  private String aIsToB;
  private String bIsToA;
  private Integer weight;
  private Boolean preferred;

  public String getaIsToB() {
    return aIsToB;
  }

  public void setaIsToB(String aIsToB) {
    this.aIsToB = aIsToB;
  }

  public String getbIsToA() {
    return bIsToA;
  }

  public void setbIsToA(String bIsToA) {
    this.bIsToA = bIsToA;
  }

  public Integer getWeight() {
    return weight;
  }

  public void setWeight(Integer weight) {
    this.weight = weight;
  }

  public Boolean getPreferred() {
    return preferred;
  }

  public void setPreferred(Boolean preferred) {
    this.preferred = preferred;
  }
}
