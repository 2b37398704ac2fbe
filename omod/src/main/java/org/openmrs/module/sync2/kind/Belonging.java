package org.openmrs.module.sync2.kind;

/** How a kind of object {@code o} hangs together with a patient and a location, in HQL. */
enum Belonging {
  NOWHERE(Belonging.NONE, Belonging.NONE, ""),
  OF_ITSELF_WHERE_REGISTERED(
      "o.uuid",
      "l.uuid",
      " left join o.identifiers i with i.preferred = true and i.voided = false"
          + " left join i.location l"),
  AT_ITSELF(Belonging.NONE, "o.uuid", ""),
  OF_PATIENT("p.uuid", Belonging.NONE, " left join o.patient p"),
  OF_SUBJECT("p.uuid", Belonging.NONE, " left join o.subject p"),
  OF_PATIENT_AT_LOCATION("p.uuid", "l.uuid", " left join o.patient p left join o.location l"),
  OF_PATIENT_IN_VISIT(
      "p.uuid",
      "l.uuid",
      " left join o.patient p left join o.location l left join o.visit v",
      "v.uuid",
      Belonging.NONE),
  OF_PATIENT_IN_ENCOUNTER(
      "p.uuid",
      "l.uuid",
      " left join o.patient p left join o.encounter e left join e.location l",
      "e.uuid",
      Belonging.NONE),
  OF_PERSON_IN_ENCOUNTER(
      "p.uuid",
      "coalesce(l.uuid, m.uuid)",
      " left join o.person p left join o.location l"
          + " left join o.encounter e left join e.location m left join o.obsGroup g",
      "e.uuid",
      "g.uuid");

  /** A text that is null: HQL selects no literal null. */
  private static final String NONE = "nullif(o.uuid, o.uuid)";

  private final String patient;
  private final String location;
  private final String joins;
  private final String event;
  private final String group;

  Belonging(String patient, String location, String joins) {
    this(patient, location, joins, Belonging.NONE, Belonging.NONE);
  }

  Belonging(String patient, String location, String joins, String event, String group) {
    this.patient = patient;
    this.location = location;
    this.joins = joins;
    this.event = event;
    this.group = group;
  }

  /** The uuid of the visit or encounter that it hangs on, apart from its patient. */
  String event() {
    return event;
  }

  /** The uuid of the group that it is in. */
  String group() {
    return group;
  }

  /** The patient's uuid. */
  String patient() {
    return patient;
  }

  /** The location's uuid. */
  String location() {
    return location;
  }

  /** The joins that these two need, with a space before each. */
  String joins() {
    return joins;
  }
}
