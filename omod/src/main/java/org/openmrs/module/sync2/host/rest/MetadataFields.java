package org.openmrs.module.sync2.host.rest;

import java.util.Date;
import org.openmrs.BaseOpenmrsMetadata;
import org.openmrs.api.context.Context;

/** What all metadata has. Retired metadata is saved like any other. */
final class MetadataFields {

  private MetadataFields() {}

  /** For metadata that is new here. */
  static <M extends BaseOpenmrsMetadata> M stamped(M metadata, String uuid, JsonFields json) {
    metadata.setUuid(uuid);
    Creation.stamp(metadata, json);
    return metadata;
  }

  static void fill(BaseOpenmrsMetadata metadata, JsonFields json) {
    metadata.setName(json.text("name"));
    metadata.setDescription(json.text("description"));
    fillRetired(metadata, json);
  }

  static void fillRetired(BaseOpenmrsMetadata metadata, JsonFields json) {
    boolean retired = json.isTrue("retired");
    if (retired != metadata.getRetired()) {
      metadata.setRetired(retired);
      metadata.setRetiredBy(retired ? Context.getAuthenticatedUser() : null);
      metadata.setDateRetired(retired ? new Date() : null);
    }
    metadata.setRetireReason(json.text("retireReason"));
  }
}
