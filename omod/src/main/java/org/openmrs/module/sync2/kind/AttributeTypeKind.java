package org.openmrs.module.sync2.kind;

import org.openmrs.attribute.BaseAttributeType;
import org.openmrs.module.sync2.host.writing.Writing;

/** Types of attributes with custom datatypes: of visits, locations and providers. */
abstract class AttributeTypeKind<T extends BaseAttributeType<?>> implements RestType<T> {

  /** A new one. */
  abstract T make();

  /** Saves it by its service. */
  abstract void store(T type);

  /** Retires it by its service. */
  abstract void retire(T type, String reason);

  @Override
  public final void save(T here, String uuid, JsonFields json, Writing writing) {
    T type = here == null ? MetadataFields.stamped(make(), uuid, json) : here;
    fill(type, json, writing);
    store(type);
  }

  static void fill(BaseAttributeType<?> type, JsonFields json, Writing writing) {
    MetadataFields.fill(type, json, writing);
    Integer least = json.whole("minOccurs");
    // The column is never null.
    type.setMinOccurs(least == null ? Integer.valueOf(0) : least);
    type.setMaxOccurs(json.whole("maxOccurs"));
    type.setDatatypeClassname(json.text("datatypeClassname"));
    type.setDatatypeConfig(json.text("datatypeConfig"));
    type.setPreferredHandlerClassname(json.text("preferredHandlerClassname"));
    type.setHandlerConfig(json.text("handlerConfig"));
  }

  @Override
  public final String knownAs(JsonFields json) {
    return MetadataFields.name(json);
  }

  @Override
  public final void remove(T here, String reason) {
    if (!here.getRetired()) {
      retire(here, reason);
    }
  }
}
