package org.openmrs.module.sync2.host.fhir;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.ContactPoint;
import org.openmrs.BaseOpenmrsData;
import org.openmrs.Location;
import org.openmrs.LocationAttribute;
import org.openmrs.LocationAttributeType;
import org.openmrs.Provider;
import org.openmrs.ProviderAttribute;
import org.openmrs.ProviderAttributeType;
import org.openmrs.api.context.Context;
import org.openmrs.attribute.AttributeType;
import org.openmrs.attribute.BaseAttribute;
import org.openmrs.customdatatype.CustomDatatypeUtil;
import org.openmrs.module.fhir2.FhirConstants;
import org.openmrs.module.fhir2.api.FhirGlobalPropertyService;
import org.openmrs.module.fhir2.api.translators.TelecomTranslator;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.Removal;

/**
 * The attributes of a location or provider that are contact points in FHIR: those of the one type
 * that a global property of the FHIR module names. Others are not in FHIR, and stay.
 */
final class ContactAttributes {

  private ContactAttributes() {}

  /** Gives the location the contact points of a document; none when it has no type for them. */
  static void write(List<ContactPoint> telecom, Location location, Removal removal) {
    LocationAttributeType type =
        Context.getLocationService()
            .getLocationAttributeTypeByUuid(
                property(FhirConstants.LOCATION_CONTACT_POINT_ATTRIBUTE_TYPE));
    if (type != null) {
      new Parts<ContactPoint, LocationAttribute>(
              ofType(type, location.getAttributes()),
              LocationAttribute::new,
              ContactAttributes::fill,
              location::addAttribute)
          .reconcile(ElementUuid.byUuid(telecom, location.getUuid() + "/telecom"), removal);
      CustomDatatypeUtil.saveAttributesIfNecessary(location);
    }
  }

  /** Gives the provider the contact points of a document; none when it has no type for them. */
  static void write(List<ContactPoint> telecom, Provider provider, Removal removal) {
    ProviderAttributeType type =
        Context.getProviderService()
            .getProviderAttributeTypeByUuid(
                property(FhirConstants.PROVIDER_CONTACT_POINT_ATTRIBUTE_TYPE));
    if (type != null) {
      new Parts<ContactPoint, ProviderAttribute>(
              ofType(type, provider.getAttributes()),
              ProviderAttribute::new,
              ContactAttributes::fill,
              provider::addAttribute)
          .reconcile(ElementUuid.byUuid(telecom, provider.getUuid() + "/telecom"), removal);
      CustomDatatypeUtil.saveAttributesIfNecessary(provider);
    }
  }

  private static void fill(BaseOpenmrsData attribute, ContactPoint element) {
    TelecomTranslator<BaseOpenmrsData> translator =
        FhirModule.bean(TelecomTranslator.class, BaseOpenmrsData.class);
    translator.toOpenmrsType(attribute, element);
  }

  private static <A extends BaseAttribute<?, ?>> List<A> ofType(
      AttributeType<?> type, Collection<A> attributes) {
    return attributes.stream()
        .filter(attribute -> type.equals(attribute.getAttributeType()))
        .collect(Collectors.toList());
  }

  private static String property(String name) {
    return FhirModule.bean(FhirGlobalPropertyService.class).getGlobalProperty(name);
  }
}
