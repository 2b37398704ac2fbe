package org.openmrs.module.sync2.kind;

import org.openmrs.Provider;
import org.openmrs.ProviderAttribute;
import org.openmrs.api.ProviderService;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.fhir.FhirProviders;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.sync2.kind.Kind.Privileges;

/** Providers with their attributes. */
final class ProviderKind implements RestType<Provider> {

  /** All of the kind. */
  static Kind kind() {
    return Kind.of("provider")
        .keptIn(Table.of("provider", "provider_id").with("provider_attribute", "provider_id"))
        // Two providers can have one name, but not one number.
        .knownBy("identifier")
        .told("org.openmrs.Provider", Withdrawal.RETIRED, Belonging.NOWHERE)
        .part("org.openmrs.ProviderAttribute", "provider")
        .guardedBy(Privileges.ofMetadata("Providers"))
        .inRest(new ProviderKind())
        .inFhir(() -> new FhirProviders());
  }

  @Override
  public Class<Provider> type() {
    return Provider.class;
  }

  @Override
  public Provider find(String uuid) {
    return providers().getProviderByUuid(uuid);
  }

  @Override
  public void save(Provider here, String uuid, JsonFields json, Writing writing) {
    Provider provider = here == null ? MetadataFields.stamped(new Provider(), uuid, json) : here;
    MetadataFields.fillRetired(provider, json, writing);
    provider.setPerson(References.person(json, "person"));
    if (provider.getPerson() == null) {
      // Else it is the person's name.
      provider.setName(json.text("name"));
    }
    provider.setIdentifier(json.text("identifier"));
    provider.setRole(References.concept(json, "role"));
    provider.setSpeciality(References.concept(json, "speciality"));
    AttributeParts.of(provider, ProviderAttribute::new, providers()::getProviderAttributeTypeByUuid)
        .reconcile(json.parts(AttributeParts.FIELD), writing.removal());
    writing.store(provider);
  }

  @Override
  public String knownAs(JsonFields json) {
    return json.isTrue("retired") ? null : json.text("identifier");
  }

  @Override
  public void remove(Provider here, String reason) {
    if (!here.getRetired()) {
      providers().retireProvider(here, reason);
    }
  }

  @Override
  public void purge(Provider here) {
    providers().purgeProvider(here);
  }

  private static ProviderService providers() {
    return Context.getProviderService();
  }
}
