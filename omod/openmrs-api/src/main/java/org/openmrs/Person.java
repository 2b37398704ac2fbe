package org.openmrs;

import java.util.Date;
import java.util.Set;

public class Person extends BaseOpenmrsData {

  public Integer getPersonId() {
    throw new UnsupportedOperationException();
  }

  public Boolean getVoided() {
    throw new UnsupportedOperationException();
  }

  public String getGender() {
    throw new UnsupportedOperationException();
  }

  public void setGender(String gender) {
    throw new UnsupportedOperationException();
  }

  public void setBirthdate(Date birthdate) {
    throw new UnsupportedOperationException();
  }

  public void setBirthdateEstimated(Boolean birthdateEstimated) {
    throw new UnsupportedOperationException();
  }

  public void setDeathdateEstimated(Boolean deathdateEstimated) {
    throw new UnsupportedOperationException();
  }

  public void setBirthtime(Date birthtime) {
    throw new UnsupportedOperationException();
  }

  public void setDead(Boolean dead) {
    throw new UnsupportedOperationException();
  }

  public void setDeathDate(Date deathDate) {
    throw new UnsupportedOperationException();
  }

  public void setCauseOfDeath(Concept causeOfDeath) {
    throw new UnsupportedOperationException();
  }

  public void setCauseOfDeathNonCoded(String causeOfDeathNonCoded) {
    throw new UnsupportedOperationException();
  }

  public Set<PersonAddress> getAddresses() {
    throw new UnsupportedOperationException();
  }

  public Set<PersonName> getNames() {
    throw new UnsupportedOperationException();
  }

  public Set<PersonAttribute> getAttributes() {
    throw new UnsupportedOperationException();
  }

  public void addName(PersonName name) {
    throw new UnsupportedOperationException();
  }

  public void addAddress(PersonAddress address) {
    throw new UnsupportedOperationException();
  }

  public void setPersonCreator(User creator) {
    throw new UnsupportedOperationException();
  }

  public void setPersonDateCreated(Date dateCreated) {
    throw new UnsupportedOperationException();
  }

  public void setPersonDateVoided(Date dateVoided) {
    throw new UnsupportedOperationException();
  }

  public void setPersonVoided(Boolean voided) {
    throw new UnsupportedOperationException();
  }

  public Boolean getPersonVoided() {
    throw new UnsupportedOperationException();
  }

  public void setPersonVoidedBy(User voidedBy) {
    throw new UnsupportedOperationException();
  }

  public void setPersonVoidReason(String voidReason) {
    throw new UnsupportedOperationException();
  }
}
