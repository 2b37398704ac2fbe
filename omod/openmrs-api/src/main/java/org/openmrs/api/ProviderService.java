package org.openmrs.api;

import org.openmrs.Provider;
import org.openmrs.ProviderAttributeType;

public interface ProviderService {

  void retireProvider(Provider provider, String text);

  void purgeProvider(Provider provider);

  Provider saveProvider(Provider provider);

  Provider getProviderByUuid(String text);

  ProviderAttributeType getProviderAttributeTypeByUuid(String text);

  ProviderAttributeType saveProviderAttributeType(ProviderAttributeType providerAttributeType);

  ProviderAttributeType retireProviderAttributeType(
      ProviderAttributeType providerAttributeType, String text);

  void purgeProviderAttributeType(ProviderAttributeType providerAttributeType);
}
