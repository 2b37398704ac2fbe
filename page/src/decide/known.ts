// The engine's words that can be chosen on the page.

/** Kinds of objects that clinics synchronize; what others refer to comes first. */
export const CATEGORIES = [
  "encounter_type",
  "visittype",
  "patient_identifier_type",
  "person_attribute_type",
  "encounter_role",
  "visit_attribute_type",
  "location_attribute_type",
  "provider_attribute_type",
  "organization",
  "location",
  "person",
  "provider",
  "patient",
  "visit",
  "encounter",
  "condition",
  "observation",
] as const;

/** Feeds that tell only of changes of the person or patient whose part it is: nobody disagrees about these. */
export const PARTS = ["patient_identifier", "person_name", "person_address", "person_attribute"];

/** The statuses of an event. */
export const OUTCOMES = [
  "APPLIED",
  "PARTIAL",
  "UNCHANGED",
  "COALESCED",
  "MERGED",
  "KEPT",
  "REMOVED",
  "PARKED",
  "CONFLICT",
  "RESOLVED",
  "FILTERED",
  "DISMISSED",
] as const;

/** Why a record can be parked. */
export const FAILURES = [
  "MissingReference",
  "Duplicate",
  "Rejected",
  "NotFound",
  "Forbidden",
  "ParentFailed",
  "Malformed",
  "Gone",
  "Host",
  "Internal",
] as const;
