package org.openmrs.module.sync2.host.fhir;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Location.LocationPositionComponent;
import org.hl7.fhir.r4.model.Meta;
import org.openmrs.Location;
import org.openmrs.LocationTag;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.FhirConstants;
import org.openmrs.module.fhir2.api.dao.FhirLocationDao;
import org.openmrs.module.fhir2.api.translators.LocationAddressTranslator;
import org.openmrs.module.fhir2.api.translators.LocationTagTranslator;
import org.openmrs.module.fhir2.api.translators.LocationTranslator;
import org.openmrs.module.sync2.host.SameName;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;

/** Locations, without those below them, which have events of their own. */
public final class FhirLocations extends FhirCategory<org.hl7.fhir.r4.model.Location, Location> {

  /** Holds nothing. */
  public FhirLocations() {
    super(org.hl7.fhir.r4.model.Location.class);
  }

  @Override
  Location find(String uuid) {
    return FhirModule.bean(FhirLocationDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Location location) {
    return location.getRetired();
  }

  @Override
  org.hl7.fhir.r4.model.Location toFhir(Location location) {
    return translator().toFhirResource(location);
  }

  @Override
  void write(Location here, org.hl7.fhir.r4.model.Location document, Writing writing) {
    if (here == null) {
      SameName.check("location", document.getIdElement().getIdPart(), document.getName());
    }
    Location location = here == null ? new Location() : here;
    String latitude = location.getLatitude();
    String longitude = location.getLongitude();
    translator().toOpenmrsType(location, withoutLists(document));
    writeAddress(document, location);
    LocationPositionComponent position = document.getPosition();
    location.setLatitude(Coordinate.merged(latitude, position.getLatitude()));
    location.setLongitude(Coordinate.merged(longitude, position.getLongitude()));
    if (!document.hasType()) {
      location.setType(null);
    }
    Named.mustBeHere("location type", document.getType(), location.getType());
    Named.mustBeHere(document.getPartOf(), location.getParentLocation());
    writeTags(document.getMeta(), location);
    ContactAttributes.write(document.getTelecom(), location, writing.removal());
    Removal.unretire(location);
    writing.store(location);
  }

  @Override
  void withdraw(Location location, String reason) {
    Context.getLocationService().retireLocation(location, reason);
  }

  @Override
  void purge(Location location) {
    Context.getLocationService().purgeLocation(location);
  }

  /** Tags and contact points are only added by the translator. */
  private static org.hl7.fhir.r4.model.Location withoutLists(
      org.hl7.fhir.r4.model.Location document) {
    org.hl7.fhir.r4.model.Location without = document.copy();
    without.setMeta(null);
    without.setTelecom(null);
    return without;
  }

  /** The translator of locations leaves out the lines, which that of their addresses knows. */
  private static void writeAddress(org.hl7.fhir.r4.model.Location document, Location location) {
    AddressLines.clear(location);
    TextExtensions.complete(document.getAddress());
    FhirModule.bean(LocationAddressTranslator.class).toOpenmrsType(location, document.getAddress());
  }

  /** Tags have no uuid in FHIR: one of this name is used, or made. */
  private static void writeTags(Meta meta, Location location) {
    LocationTagTranslator translator = FhirModule.bean(LocationTagTranslator.class);
    Set<LocationTag> named =
        meta.getTag().stream()
            .filter(tag -> FhirConstants.OPENMRS_FHIR_EXT_LOCATION_TAG.equals(tag.getSystem()))
            .map(translator::toOpenmrsType)
            .collect(Collectors.toSet());
    if (location.getTags() == null) {
      location.setTags(new HashSet<>());
    }
    location.getTags().retainAll(named);
    location.getTags().addAll(named);
  }

  private static LocationTranslator translator() {
    return FhirModule.bean(LocationTranslator.class);
  }
}
