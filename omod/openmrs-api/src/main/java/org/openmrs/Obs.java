package org.openmrs;

import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;

public class Obs extends BaseFormRecordableOpenmrsData {

  private String comment;
  private Concept concept;
  private Encounter encounter;
  private Location location;
  private Date obsDatetime;
  private Obs obsGroup;
  private boolean obsGrouping;
  private Integer obsId;
  private Order order;
  private Person person;
  private Concept valueCoded;
  private ConceptName valueCodedName;
  private Drug valueDrug;
  private Date valueDatetime;
  private String valueModifier;
  private Double valueNumeric;
  private String valueText;
  private String valueComplex;
  private String accessionNumber;
  private Obs.Interpretation interpretation;
  private Obs.Status status;
  private Set<Obs> groupMembers = new LinkedHashSet<>();
  private Obs previousVersion;
  private User creator;
  private Date dateCreated;

  public String getComment() {
    return comment;
  }

  public void setComment(String comment) {
    this.comment = comment;
  }

  public Concept getConcept() {
    return concept;
  }

  public void setConcept(Concept concept) {
    this.concept = concept;
  }

  public Encounter getEncounter() {
    return encounter;
  }

  public void setEncounter(Encounter encounter) {
    this.encounter = encounter;
  }

  public Location getLocation() {
    return location;
  }

  public void setLocation(Location location) {
    this.location = location;
  }

  public Date getObsDatetime() {
    return obsDatetime;
  }

  public void setObsDatetime(Date obsDatetime) {
    this.obsDatetime = obsDatetime;
  }

  public Obs getObsGroup() {
    return obsGroup;
  }

  public void setObsGroup(Obs obsGroup) {
    this.obsGroup = obsGroup;
  }

  public boolean isObsGrouping() {
    return obsGrouping;
  }

  public void setGroupMembers(Set<Obs> groupMembers) {
    this.groupMembers = groupMembers;
  }

  public Integer getObsId() {
    return obsId;
  }

  public Order getOrder() {
    return order;
  }

  public void setOrder(Order order) {
    this.order = order;
  }

  public Person getPerson() {
    return person;
  }

  public void setPerson(Person person) {
    this.person = person;
  }

  public Concept getValueCoded() {
    return valueCoded;
  }

  public void setValueCoded(Concept valueCoded) {
    this.valueCoded = valueCoded;
  }

  public ConceptName getValueCodedName() {
    return valueCodedName;
  }

  public void setValueCodedName(ConceptName valueCodedName) {
    this.valueCodedName = valueCodedName;
  }

  public Drug getValueDrug() {
    return valueDrug;
  }

  public void setValueDrug(Drug valueDrug) {
    this.valueDrug = valueDrug;
  }

  public Date getValueDatetime() {
    return valueDatetime;
  }

  public void setValueDatetime(Date valueDatetime) {
    this.valueDatetime = valueDatetime;
  }

  public String getValueModifier() {
    return valueModifier;
  }

  public void setValueModifier(String valueModifier) {
    this.valueModifier = valueModifier;
  }

  public Double getValueNumeric() {
    return valueNumeric;
  }

  public void setValueNumeric(Double valueNumeric) {
    this.valueNumeric = valueNumeric;
  }

  public String getValueText() {
    return valueText;
  }

  public void setValueText(String valueText) {
    this.valueText = valueText;
  }

  public String getValueComplex() {
    return valueComplex;
  }

  public void setValueComplex(String valueComplex) {
    this.valueComplex = valueComplex;
  }

  public String getAccessionNumber() {
    return accessionNumber;
  }

  public void setAccessionNumber(String accessionNumber) {
    this.accessionNumber = accessionNumber;
  }

  public Obs getPreviousVersion() {
    return previousVersion;
  }

  public void setPreviousVersion(Obs previousVersion) {
    this.previousVersion = previousVersion;
  }

  public void setCreator(User creator) {
    this.creator = creator;
  }

  public void setDateCreated(Date dateCreated) {
    this.dateCreated = dateCreated;
  }

  public Obs.Interpretation getInterpretation() {
    return interpretation;
  }

  public void setInterpretation(Obs.Interpretation interpretation) {
    this.interpretation = interpretation;
  }

  public Obs.Status getStatus() {
    return status;
  }

  public void setStatus(Obs.Status status) {
    this.status = status;
  }

  public enum Status {
    ;
  }

  public enum Interpretation {
    ;
  }
}
