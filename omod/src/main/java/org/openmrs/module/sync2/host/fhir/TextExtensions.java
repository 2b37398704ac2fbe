package org.openmrs.module.sync2.host.fhir;

import org.hl7.fhir.r4.model.Element;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.StringType;

/** The texts within an extension, such as the lines of an address. */
final class TextExtensions {

  private TextExtensions() {}

  /**
   * Makes empty texts readable. The FHIR module gives an empty text as an extension without a
   * value, and fails when it is to read one.
   */
  static void complete(Element element) {
    for (Extension extension : element.getExtension()) {
      extension.getExtension().stream()
          .filter(part -> !part.hasValue() && !part.hasExtension())
          .forEach(part -> part.setValue(new StringType("")));
    }
  }
}
