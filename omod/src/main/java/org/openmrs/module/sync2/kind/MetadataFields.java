package org.openmrs.module.sync2.kind;

import org.openmrs.BaseOpenmrsMetadata;
import org.openmrs.module.sync2.host.writing.Writing;

/** The fields that all metadata has. Retired metadata is saved like any other. */
final class MetadataFields {

  private MetadataFields() {}

  /** For metadata that is new here. */
  static <M extends BaseOpenmrsMetadata> M stamped(M metadata, String uuid, JsonFields json) {
    metadata.setUuid(uuid);
    Creation.stamp(metadata, json);
    return metadata;
  }

  /** The name, of what is in use. */
  static String name(JsonFields json) {
    return json.isTrue("retired") ? null : json.text("name");
  }

  static void fill(BaseOpenmrsMetadata metadata, JsonFields json, Writing writing) {
    metadata.setName(json.text("name"));
    metadata.setDescription(json.text("description"));
    fillRetired(metadata, json, writing);
  }

  static void fillRetired(BaseOpenmrsMetadata metadata, JsonFields json, Writing writing) {
    writing.removal().retire(metadata, json.isTrue("retired"), json.text("retireReason"));
  }
}
