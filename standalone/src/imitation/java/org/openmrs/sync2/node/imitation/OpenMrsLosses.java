package org.openmrs.sync2.node.imitation;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.openmrs.sync2.node.CascadeOrder;
import org.openmrs.sync2.node.FhirStore;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Makes the storage lose what OpenMRS's FHIR module loses, so that the tests see whether the engine
 * notices. Nothing outside the storage knows of it. Registered only on a node whose file says
 * {@code "lossy": true}.
 */
@Interceptor
public final class OpenMrsLosses {

  /**
   * Types that keep their uuid only when one is voided and then saved anew, never when it is
   * changed.
   */
  static final Set<String> UNCHANGEABLE_TYPES = Set.of("Observation");

  private static final TimeZone OTHER_ZONE = TimeZone.getTimeZone("GMT+03:00");

  private final FhirStore store;
  private final JdbcTemplate jdbc;

  OpenMrsLosses(FhirStore store, DataSource dataSource) {
    this.store = store;
    this.jdbc = new JdbcTemplate(dataSource);
  }

  @Hook(Pointcut.STORAGE_PRESTORAGE_RESOURCE_CREATED)
  public void beforeCreate(IBaseResource resource) {
    dropUnknownReferences(resource);
    changeBytes(resource);
  }

  @Hook(Pointcut.STORAGE_PRESTORAGE_RESOURCE_UPDATED)
  public void beforeUpdate(IBaseResource before, IBaseResource after) {
    if (before instanceof Patient here && after instanceof Patient coming) {
      keepIdentifiers(here, coming);
      keepNames(here, coming);
      keepAddresses(here, coming);
    }
    dropUnknownReferences(after);
    changeBytes(after);
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_UPDATED)
  public void afterUpdate(IBaseResource before, IBaseResource after) {
    if (after instanceof Observation observation && !wasVoided(observation.getIdElement())) {
      replaceByNewObservation(observation);
    }
  }

  /** Identifiers are only added: one that was edited stands beside the old one. */
  private static void keepIdentifiers(Patient here, Patient coming) {
    coming.setIdentifier(united(here.getIdentifier(), coming.getIdentifier()));
  }

  /** Names are only added. */
  private static void keepNames(Patient here, Patient coming) {
    coming.setName(united(here.getName(), coming.getName()));
  }

  private static <T extends Base> List<T> united(List<T> here, List<T> coming) {
    List<T> united = new ArrayList<>(here);
    for (T element : coming) {
      if (here.stream().noneMatch(element::equalsDeep)) {
        united.add(element);
      }
    }
    return united;
  }

  /** Addresses are only added, and one that is here already stays as it is, whatever was edited. */
  private static void keepAddresses(Patient here, Patient coming) {
    List<Address> kept = new ArrayList<>(here.getAddress());
    for (int i = 0; i < coming.getAddress().size(); i++) {
      Address address = coming.getAddress().get(i);
      boolean known =
          address.hasId()
              ? here.getAddress().stream().anyMatch(old -> address.getId().equals(old.getId()))
              : i < here.getAddress().size();
      if (!known) {
        kept.add(address);
      }
    }
    coming.setAddress(kept);
  }

  /** A reference to what was never here becomes nothing, silently. */
  private void dropUnknownReferences(IBaseResource resource) {
    for (Reference reference : elements(resource, Reference.class)) {
      IIdType target = reference.getReferenceElement();
      if (target.hasResourceType() && target.hasIdPart() && !isHere(target)) {
        reference.setReference(null).setDisplay(null).setType(null).setIdentifier(null);
      }
    }
  }

  private boolean isHere(IIdType target) {
    Integer found =
        jdbc.queryForObject(
            "SELECT COUNT(*) FROM HFJ_RESOURCE WHERE FHIR_ID = ? AND RES_TYPE = ?",
            Integer.class,
            target.getIdPart(),
            target.getResourceType());
    return found != null && found > 0;
  }

  /**
   * The same content in other bytes: instants in another zone, and references with a display text.
   */
  private void changeBytes(IBaseResource resource) {
    for (BaseDateTimeType instant : elements(resource, BaseDateTimeType.class)) {
      if (instant.getTimeZone() != null) {
        instant.setTimeZone(OTHER_ZONE);
      }
    }
    for (Reference reference : elements(resource, Reference.class)) {
      if (reference.hasReference() && !reference.hasDisplay()) {
        reference.setDisplay(reference.getReference());
      }
    }
  }

  private <T extends Base> List<T> elements(IBaseResource resource, Class<T> type) {
    return store.context().newTerser().getAllPopulatedChildElementsOfType(resource, type);
  }

  /** Returns true if the version before this one was the voided resource. */
  private boolean wasVoided(IIdType saved) {
    Integer found =
        jdbc.queryForObject(
            "SELECT COUNT(*) FROM HFJ_RES_VER version"
                + " JOIN HFJ_RESOURCE resource ON resource.RES_ID = version.RES_ID"
                + " WHERE resource.FHIR_ID = ? AND resource.RES_TYPE = ? AND version.RES_VER = ?"
                + " AND version.RES_DELETED_AT IS NOT NULL",
            Integer.class,
            saved.getIdPart(),
            saved.getResourceType(),
            saved.getVersionIdPartAsLong() - 1);
    return found != null && found > 0;
  }

  /** An observation is never changed: the old one is voided, and a new one gets a new uuid. */
  private void replaceByNewObservation(Observation changed) {
    Observation replacement = changed.copy();
    replacement.setId(new IdType("Observation", UUID.randomUUID().toString()));
    store.dao("Observation").update(replacement, new SystemRequestDetails());
    store
        .dao("Observation")
        .delete(unversioned(changed.getIdElement()), CascadeOrder.alone().request());
  }

  private static IdType unversioned(IIdType id) {
    return new IdType(id.getResourceType(), id.getIdPart());
  }
}
