package org.openmrs.module.sync2.host.fhir;

import java.util.Objects;
import org.hl7.fhir.r4.model.Practitioner;
import org.openmrs.Person;
import org.openmrs.PersonName;
import org.openmrs.Provider;
import org.openmrs.api.context.Context;
import org.openmrs.module.fhir2.api.dao.FhirPractitionerDao;
import org.openmrs.module.fhir2.api.translators.PractitionerTranslator;
import org.openmrs.module.sync2.host.SameName;
import org.openmrs.module.sync2.host.writing.Removal;
import org.openmrs.module.sync2.host.writing.Writing;

/**
 * Providers, with their identifier and the person that they are. FHIR does not say which person: it
 * is known by the uuids of its names.
 */
public final class FhirProviders extends FhirCategory<Practitioner, Provider> {

  /** Holds nothing. */
  public FhirProviders() {
    super(Practitioner.class);
  }

  @Override
  Provider find(String uuid) {
    return FhirModule.bean(FhirPractitionerDao.class).get(uuid);
  }

  @Override
  boolean isRemoved(Provider provider) {
    return provider.getRetired();
  }

  @Override
  Practitioner toFhir(Provider provider) {
    PractitionerTranslator<Provider> translator =
        FhirModule.bean(PractitionerTranslator.class, Provider.class);
    return translator.toFhirResource(provider);
  }

  @Override
  void write(Provider here, Practitioner document, Writing writing) {
    if (here == null) {
      String uuid = document.getIdElement().getIdPart();
      SameName.check("provider", uuid, document.getIdentifierFirstRep().getValue());
    }
    Provider provider = here == null ? new Provider() : here;
    provider.setUuid(document.getIdElement().getIdPart());
    provider.setIdentifier(document.getIdentifierFirstRep().getValue());
    writePerson(PersonContent.of(document), provider, writing);
    ContactAttributes.write(document.getTelecom(), provider, writing.removal());
    Removal.unretire(provider);
    writing.store(provider);
  }

  @Override
  void withdraw(Provider provider, String reason) {
    Context.getProviderService().retireProvider(provider, reason);
  }

  @Override
  void purge(Provider provider) {
    Context.getProviderService().purgeProvider(provider);
  }

  private static void writePerson(PersonContent content, Provider provider, Writing writing) {
    if (content.isEmpty()) {
      return;
    }
    if (provider.getPerson() == null) {
      provider.setPerson(personOf(content));
    }
    content.writeTo(provider.getPerson(), writing.removal());
    writing.store(provider.getPerson());
  }

  private static Person personOf(PersonContent content) {
    return content.names().stream()
        .map(name -> Context.getPersonService().getPersonNameByUuid(name.getId()))
        .filter(Objects::nonNull)
        .map(PersonName::getPerson)
        .findFirst()
        .orElseGet(Person::new);
  }
}
