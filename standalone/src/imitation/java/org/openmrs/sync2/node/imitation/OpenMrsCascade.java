package org.openmrs.sync2.node.imitation;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.node.CascadeOrder;
import org.openmrs.sync2.node.CascadeOrder.Reach;
import org.openmrs.sync2.node.FhirStore;
import org.openmrs.sync2.node.NodeCategory;
import org.openmrs.sync2.node.imitation.HangingTable.Hanging;
import org.openmrs.sync2.node.imitation.HangingTable.Key;

/**
 * Makes the storage remove and restore as OpenMRS does: with a patient go the encounters, with a
 * visit, which FHIR has as an encounter that others are part of, these, with an encounter the
 * observations, with a group its members. An observation that stands for itself stays. What went
 * along comes back with what it went with. Registered only on a node whose file says {@code
 * "lossy": true}, from the beginning of its database.
 */
@Interceptor
public final class OpenMrsCascade {

  private static final Set<String> KEPT = Set.of("Patient", "Encounter", "Observation");

  private static final int DAY = 10;

  private static final int LONGEST_LABEL = 255;

  private final FhirStore store;
  private final HangingTable table;

  OpenMrsCascade(FhirStore store, DataSource dataSource) {
    this.store = store;
    this.table = new HangingTable(dataSource);
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_CREATED)
  public void created(IBaseResource resource) {
    if (isKept(resource)) {
      keep((Resource) resource);
    }
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_UPDATED)
  public void updated(IBaseResource before, IBaseResource after, RequestDetails request) {
    if (isKept(after)) {
      Key key = key(after);
      String removal = table.removalOf(key);
      List<Key> gone = removal == null ? List.of() : goneWith(key, removal, request);
      keep((Resource) after);
      gone.forEach(this::restore);
    }
  }

  @Hook(Pointcut.STORAGE_PRECOMMIT_RESOURCE_DELETED)
  public void removed(IBaseResource resource, RequestDetails request) {
    if (isKept(resource)) {
      CascadeOrder order = CascadeOrder.of(request);
      table.remove(
          key(resource), order, store.context().newJsonParser().encodeResourceToString(resource));
      if (order.reach() == Reach.EVERYTHING) {
        table.on(key(resource)).stream()
            .filter(hanging -> !hanging.isRemoved())
            .forEach(hanging -> removeAlong(hanging.key(), order));
      }
    }
  }

  private static boolean isKept(IBaseResource resource) {
    return KEPT.contains(resource.fhirType());
  }

  private static Key key(IBaseResource resource) {
    return new Key(resource.fhirType(), resource.getIdElement().getIdPart());
  }

  private void keep(Resource resource) {
    Key key = key(resource);
    table.keep(key, label(resource), owners(resource));
    if (resource instanceof Observation observation) {
      table.keepMembers(key, keys(observation.getHasMember()));
    }
  }

  private void removeAlong(Key key, CascadeOrder order) {
    store.dao(key.type()).delete(new IdType(key.type(), key.id()), order.along().request());
  }

  /** Returns the resources that come back with one that went in this removal. */
  private List<Key> goneWith(Key key, String removal, RequestDetails request) {
    List<Hanging> reached =
        switch (CascadeOrder.of(request).reach()) {
          case EVERYTHING -> table.on(key);
          case CONTENTS -> contents(key);
          case ALONE -> List.of();
        };
    return reached.stream()
        .filter(hanging -> removal.equals(hanging.removal()))
        .map(Hanging::key)
        .toList();
  }

  private List<Hanging> contents(Key key) {
    return table.directlyOn(key).stream()
        .filter(hanging -> key.type().equals("Encounter"))
        .filter(hanging -> hanging.key().type().equals("Observation"))
        .toList();
  }

  private void restore(Key key) {
    IBaseResource resource = store.context().newJsonParser().parseResource(table.documentOf(key));
    // Without the version that it had.
    resource.setId(new IdType(key.type(), key.id()));
    store.dao(key.type()).update(resource, CascadeOrder.alone().request());
  }

  /** Everything that hangs on an object, removed or not. */
  List<SyncDependent> on(String category, String uuid) {
    Key key = keptKey(category, uuid);
    return key == null ? List.of() : table.on(key).stream().map(OpenMrsCascade::dependent).toList();
  }

  private static SyncDependent dependent(Hanging hanging) {
    String category = NodeCategory.ofFhirType(hanging.key().type()).feedName();
    return new SyncDependent(
        category, hanging.key().id(), hanging.isRemoved(), category + hanging.label());
  }

  /**
   * Why an object was removed, which may be empty; null when it is not removed, or when it is of a
   * kind that nothing hangs on.
   */
  String whyRemoved(String category, String uuid) {
    Key key = keptKey(category, uuid);
    return key == null ? null : table.reasonOf(key);
  }

  /** Null for a kind of object of which nothing is kept. */
  private static Key keptKey(String name, String uuid) {
    NodeCategory category = NodeCategory.ofFeedName(name);
    return category == null || category.fhirType() == null || !KEPT.contains(category.fhirType())
        ? null
        : new Key(category.fhirType(), uuid);
  }

  /** The ids of what a resource hangs on. */
  List<String> ownersOf(Resource resource) {
    List<Key> owners = new ArrayList<>(owners(resource));
    owners.addAll(table.groupsOf(key(resource)));
    return owners.stream().map(Key::id).toList();
  }

  /** Returns the resources whose removal would take this one along, as its document says. */
  private static List<Key> owners(Resource resource) {
    if (resource instanceof Encounter encounter) {
      return keys(List.of(encounter.getSubject(), encounter.getPartOf()));
    }
    return resource instanceof Observation observation
        ? keys(List.of(observation.getEncounter()))
        : List.of();
  }

  private static List<Key> keys(List<Reference> references) {
    return references.stream()
        .map(Reference::getReferenceElement)
        .filter(target -> target.hasResourceType() && target.hasIdPart())
        .filter(target -> KEPT.contains(target.getResourceType()))
        .map(target -> new Key(target.getResourceType(), target.getIdPart()))
        .toList();
  }

  /**
   * Returns the words by which a person knows it beside its kind: its day and its type, never what
   * was found.
   */
  private static String label(Resource resource) {
    String label = "";
    if (resource instanceof Encounter encounter) {
      label = day(encounter.getPeriod().getStartElement()) + type(encounter);
    } else if (resource instanceof Observation observation
        && observation.getEffective() instanceof BaseDateTimeType time) {
      label = day(time);
    }
    return label.length() > LONGEST_LABEL ? label.substring(0, LONGEST_LABEL) : label;
  }

  private static String day(BaseDateTimeType time) {
    String written = time.getValueAsString();
    return written == null || written.length() < DAY ? "" : " of " + written.substring(0, DAY);
  }

  private static String type(Encounter encounter) {
    return encounter.getType().stream()
        .flatMap(type -> Stream.of(type.getText(), type.getCodingFirstRep().getDisplay()))
        .filter(name -> name != null && !name.isEmpty())
        .findFirst()
        .map(name -> " (" + name + ")")
        .orElse("");
  }
}
