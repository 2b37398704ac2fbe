package org.openmrs.module.sync2.host.fhir;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

/**
 * The attributes of a location or provider that are contact points in FHIR: those of the one type
 * that a global property of the FHIR module names. Others are not in FHIR, and stay.
 *
 * @param <A> the attribute
 */
final class ContactAttributes<A extends BaseAttribute<?, ?>> extends Parts<ContactPoint, A> {

  private final TelecomTranslator<BaseOpenmrsData> translator =
      FhirModule.bean(TelecomTranslator.class, BaseOpenmrsData.class);
  private final Supplier<A> empty;
  private final Consumer<A> owner;

  private ContactAttributes(String list, Supplier<A> empty, Consumer<A> owner) {
    super(list);
    this.empty = empty;
    this.owner = owner;
  }

  /** Gives the location the contact points of a document; none when it has no type for them. */
  static void write(List<ContactPoint> telecom, Location location) {
    LocationAttributeType type =
        Context.getLocationService()
            .getLocationAttributeTypeByUuid(
                property(FhirConstants.LOCATION_CONTACT_POINT_ATTRIBUTE_TYPE));
    if (type != null) {
      new ContactAttributes<>(
              location.getUuid() + "/telecom", LocationAttribute::new, location::addAttribute)
          .reconcile(telecom, ofType(type, location.getAttributes()));
      CustomDatatypeUtil.saveAttributesIfNecessary(location);
    }
  }

  /** Gives the provider the contact points of a document; none when it has no type for them. */
  static void write(List<ContactPoint> telecom, Provider provider) {
    ProviderAttributeType type =
        Context.getProviderService()
            .getProviderAttributeTypeByUuid(
                property(FhirConstants.PROVIDER_CONTACT_POINT_ATTRIBUTE_TYPE));
    if (type != null) {
      new ContactAttributes<>(
              provider.getUuid() + "/telecom", ProviderAttribute::new, provider::addAttribute)
          .reconcile(telecom, ofType(type, provider.getAttributes()));
      CustomDatatypeUtil.saveAttributesIfNecessary(provider);
    }
  }

  @Override
  A create() {
    return empty.get();
  }

  @Override
  void write(ContactPoint element, A attribute) {
    translator.toOpenmrsType(attribute, element);
  }

  @Override
  void attach(A attribute) {
    owner.accept(attribute);
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
