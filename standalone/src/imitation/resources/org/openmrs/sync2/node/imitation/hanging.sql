-- What hangs on what, in a storage that removes as OpenMRS does: HAPI forgets what a removed resource referred to, and what
-- it said. `removal` and what follows are there while it is removed.
CREATE TABLE IF NOT EXISTS hanging_resource (
  fhir_type VARCHAR(40) NOT NULL,
  fhir_id VARCHAR(64) NOT NULL,
  label VARCHAR(255) NOT NULL,
  removal VARCHAR(36),
  reason VARCHAR(1000),
  document CHARACTER VARYING,
  PRIMARY KEY (fhir_type, fhir_id)
);
CREATE TABLE IF NOT EXISTS hanging_owner (
  fhir_type VARCHAR(40) NOT NULL,
  fhir_id VARCHAR(64) NOT NULL,
  owner_type VARCHAR(40) NOT NULL,
  owner_id VARCHAR(64) NOT NULL,
  PRIMARY KEY (fhir_type, fhir_id, owner_type, owner_id)
);
CREATE INDEX IF NOT EXISTS hanging_owner_owner_idx ON hanging_owner (owner_type, owner_id);
