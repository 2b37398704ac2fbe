package org.openmrs;

import java.util.Date;
import java.util.Set;

public class Obs extends BaseFormRecordableOpenmrsData {

  public String getComment() {
    throw new UnsupportedOperationException();
  }

  public void setComment(String comment) {
    throw new UnsupportedOperationException();
  }

  public Concept getConcept() {
    throw new UnsupportedOperationException();
  }

  public void setConcept(Concept concept) {
    throw new UnsupportedOperationException();
  }

  public Encounter getEncounter() {
    throw new UnsupportedOperationException();
  }

  public void setEncounter(Encounter encounter) {
    throw new UnsupportedOperationException();
  }

  public Location getLocation() {
    throw new UnsupportedOperationException();
  }

  public void setLocation(Location location) {
    throw new UnsupportedOperationException();
  }

  public Date getObsDatetime() {
    throw new UnsupportedOperationException();
  }

  public void setObsDatetime(Date obsDatetime) {
    throw new UnsupportedOperationException();
  }

  public Obs getObsGroup() {
    throw new UnsupportedOperationException();
  }

  public void setObsGroup(Obs obsGroup) {
    throw new UnsupportedOperationException();
  }

  public boolean isObsGrouping() {
    throw new UnsupportedOperationException();
  }

  public void setGroupMembers(Set<Obs> groupMembers) {
    throw new UnsupportedOperationException();
  }

  public Integer getObsId() {
    throw new UnsupportedOperationException();
  }

  public Order getOrder() {
    throw new UnsupportedOperationException();
  }

  public void setOrder(Order order) {
    throw new UnsupportedOperationException();
  }

  public Person getPerson() {
    throw new UnsupportedOperationException();
  }

  public void setPerson(Person person) {
    throw new UnsupportedOperationException();
  }

  public Concept getValueCoded() {
    throw new UnsupportedOperationException();
  }

  public void setValueCoded(Concept valueCoded) {
    throw new UnsupportedOperationException();
  }

  public ConceptName getValueCodedName() {
    throw new UnsupportedOperationException();
  }

  public void setValueCodedName(ConceptName valueCodedName) {
    throw new UnsupportedOperationException();
  }

  public Drug getValueDrug() {
    throw new UnsupportedOperationException();
  }

  public void setValueDrug(Drug valueDrug) {
    throw new UnsupportedOperationException();
  }

  public Date getValueDatetime() {
    throw new UnsupportedOperationException();
  }

  public void setValueDatetime(Date valueDatetime) {
    throw new UnsupportedOperationException();
  }

  public String getValueModifier() {
    throw new UnsupportedOperationException();
  }

  public void setValueModifier(String valueModifier) {
    throw new UnsupportedOperationException();
  }

  public Double getValueNumeric() {
    throw new UnsupportedOperationException();
  }

  public void setValueNumeric(Double valueNumeric) {
    throw new UnsupportedOperationException();
  }

  public String getValueText() {
    throw new UnsupportedOperationException();
  }

  public void setValueText(String valueText) {
    throw new UnsupportedOperationException();
  }

  public String getValueComplex() {
    throw new UnsupportedOperationException();
  }

  public void setValueComplex(String valueComplex) {
    throw new UnsupportedOperationException();
  }

  public String getAccessionNumber() {
    throw new UnsupportedOperationException();
  }

  public void setAccessionNumber(String accessionNumber) {
    throw new UnsupportedOperationException();
  }

  public void setPreviousVersion(Obs previousVersion) {
    throw new UnsupportedOperationException();
  }

  public void setCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public void setFormField(String namespace, String formFieldPath) {
    throw new UnsupportedOperationException();
  }

  public Obs.Interpretation getInterpretation() {
    throw new UnsupportedOperationException();
  }

  public void setInterpretation(Obs.Interpretation interpretation) {
    throw new UnsupportedOperationException();
  }

  public Obs.Status getStatus() {
    throw new UnsupportedOperationException();
  }

  public void setStatus(Obs.Status status) {
    throw new UnsupportedOperationException();
  }

  public enum Status {
    ;
  }

  public enum Interpretation {
    ;
  }
}
