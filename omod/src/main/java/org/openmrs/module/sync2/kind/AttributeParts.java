package org.openmrs.module.sync2.kind;

import java.util.function.Function;
import java.util.function.Supplier;
import org.openmrs.attribute.AttributeType;
import org.openmrs.attribute.BaseAttribute;
import org.openmrs.customdatatype.Customizable;
import org.openmrs.customdatatype.datatype.LongFreeTextDatatype;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.sync2.SyncRejectedException;

/** Attributes with custom datatypes, of visits, locations and providers. */
final class AttributeParts {

  /** Where they are in a document. */
  static final String FIELD = "activeAttributes";

  private AttributeParts() {}

  static <A extends BaseAttribute<T, O>, T extends AttributeType<?>, O extends Customizable<A>>
      Parts<JsonFields, A> of(O owner, Supplier<A> maker, Function<String, T> typeFinder) {
    return new Parts<>(
        owner.getAttributes(),
        maker,
        Creation.stamping((attribute, json) -> fill(attribute, json, typeFinder)),
        owner::addAttribute);
  }

  private static <T extends AttributeType<?>> void fill(
      BaseAttribute<T, ?> attribute, JsonFields json, Function<String, T> typeFinder) {
    T type = References.find(json, "attributeType", "attribute type", typeFinder);
    checkStoredInPlace(type);
    attribute.setAttributeType(type);
    attribute.setValueReferenceInternal(json.text("valueReference"));
  }

  /** The reference of such a value is the key of a row that is only at the parent. */
  private static void checkStoredInPlace(AttributeType<?> type) {
    if (LongFreeTextDatatype.class.getName().equals(type.getDatatypeClassname())) {
      throw new SyncRejectedException(
          "the attribute type "
              + type.getUuid()
              + " keeps its long texts apart from the attribute, and they are not in the document:"
              + " give it the datatype free text, or remove the attribute at the parent");
    }
  }
}
