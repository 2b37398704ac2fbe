package org.openmrs;

import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Set;

public class Person extends BaseOpenmrsData {

  private Integer personId;
  private String gender;
  private Set<PersonAddress> addresses = new LinkedHashSet<>();
  private Set<PersonName> names = new LinkedHashSet<>();
  private Set<PersonAttribute> attributes = new LinkedHashSet<>();
  private Boolean personVoided = false;
  private Date birthdate;
  private Boolean birthdateEstimated = false;
  private Boolean deathdateEstimated = false;
  private Date birthtime;
  private Boolean dead = false;
  private Date deathDate;
  private Concept causeOfDeath;
  private String causeOfDeathNonCoded;
  private User personCreator;
  private Date personDateCreated;
  private Date personDateVoided;
  private User personVoidedBy;
  private String personVoidReason;

  public Integer getPersonId() {
    return personId;
  }

  public Boolean getVoided() {
    return super.getVoided();
  }

  public String getGender() {
    return gender;
  }

  public void setGender(String gender) {
    this.gender = gender;
  }

  public void setBirthdate(Date birthdate) {
    this.birthdate = birthdate;
  }

  public void setBirthdateEstimated(Boolean birthdateEstimated) {
    this.birthdateEstimated = birthdateEstimated;
  }

  public void setDeathdateEstimated(Boolean deathdateEstimated) {
    this.deathdateEstimated = deathdateEstimated;
  }

  public void setBirthtime(Date birthtime) {
    this.birthtime = birthtime;
  }

  public void setDead(Boolean dead) {
    this.dead = dead;
  }

  public void setDeathDate(Date deathDate) {
    this.deathDate = deathDate;
  }

  public void setCauseOfDeath(Concept causeOfDeath) {
    this.causeOfDeath = causeOfDeath;
  }

  public void setCauseOfDeathNonCoded(String causeOfDeathNonCoded) {
    this.causeOfDeathNonCoded = causeOfDeathNonCoded;
  }

  public Set<PersonAddress> getAddresses() {
    return addresses;
  }

  public Set<PersonName> getNames() {
    return names;
  }

  public Set<PersonAttribute> getAttributes() {
    return attributes;
  }

  public void addName(PersonName name) {
    throw new UnsupportedOperationException();
  }

  public void addAddress(PersonAddress address) {
    throw new UnsupportedOperationException();
  }

  public void addAttribute(PersonAttribute attribute) {
    throw new UnsupportedOperationException();
  }

  public void setPersonCreator(User creator) {
    this.personCreator = creator;
  }

  public void setPersonDateCreated(Date dateCreated) {
    this.personDateCreated = dateCreated;
  }

  public void setPersonDateVoided(Date dateVoided) {
    this.personDateVoided = dateVoided;
  }

  public void setPersonVoided(Boolean voided) {
    this.personVoided = voided;
    setVoided(voided);
  }

  public Boolean getPersonVoided() {
    return personVoided;
  }

  public void setPersonVoidedBy(User voidedBy) {
    this.personVoidedBy = voidedBy;
  }

  public void setPersonVoidReason(String voidReason) {
    this.personVoidReason = voidReason;
  }
}
