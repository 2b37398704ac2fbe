package org.openmrs.module.sync2.kind;

import java.util.HashSet;
import java.util.Set;
import org.openmrs.Location;
import org.openmrs.LocationAttribute;
import org.openmrs.LocationTag;
import org.openmrs.api.LocationService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.fhir.FhirLocations;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Locations with their tags and attributes, without the locations in them. */
final class LocationKind implements RestType<Location> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("location")
        .keptIn(
            Table.of("location", "location_id")
                .with("location_attribute", "location_id")
                .withRows("location_tag_map", "location_id"))
        .knownBy("name")
        .told("org.openmrs.Location", Withdrawal.RETIRED, Belonging.AT_ITSELF)
        .part("org.openmrs.LocationAttribute", "location")
        .guardedBy(Privileges.ofMetadata("Locations"))
        .inRest(new LocationKind())
        .inFhir(() -> new FhirLocations());
  }

  @Override
  public Class<Location> type() {
    return Location.class;
  }

  @Override
  public Location find(String uuid) {
    return locations().getLocationByUuid(uuid);
  }

  @Override
  public void save(Location here, String uuid, JsonFields json, Writing writing) {
    Location location = here == null ? MetadataFields.stamped(new Location(), uuid, json) : here;
    MetadataFields.fill(location, json, writing);
    AddressFields.fill(location, json);
    location.setType(References.concept(json, "type"));
    location.setParentLocation(References.location(json, "parentLocation"));
    fillTags(location, json);
    AttributeParts.of(location, LocationAttribute::new, locations()::getLocationAttributeTypeByUuid)
        .reconcile(json.parts(AttributeParts.FIELD), writing.removal());
    writing.store(location);
  }

  @Override
  public String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public void remove(Location here, String reason) {
    if (!here.getRetired()) {
      locations().retireLocation(here, reason);
    }
  }

  @Override
  public void purge(Location here) {
    locations().purgeLocation(here);
  }

  private static void fillTags(Location location, JsonFields json) {
    Set<LocationTag> wanted = new HashSet<>();
    json.list("tags").forEach(tag -> wanted.add(tag(tag)));
    Set<LocationTag> here = location.getTags() == null ? new HashSet<>() : location.getTags();
    new HashSet<>(here).stream().filter(tag -> !wanted.contains(tag)).forEach(location::removeTag);
    wanted.stream().filter(tag -> !here.contains(tag)).forEach(location::addTag);
  }

  /** No feed tells of tags, so a tag that is not here comes with the first location that has it. */
  private static LocationTag tag(JsonFields json) {
    String uuid = json.text("uuid");
    LocationTag here = locations().getLocationTagByUuid(uuid);
    if (here != null) {
      return here;
    }
    LocationTag tag = new LocationTag();
    tag.setUuid(uuid);
    tag.setName(json.text("name"));
    tag.setDescription(json.text("description"));
    return locations().saveLocationTag(tag);
  }

  private static LocationService locations() {
    return Context.getLocationService();
  }
}
