package org.openmrs.module.sync2.host.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.LenientErrorHandler;
import java.nio.charset.StandardCharsets;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncRejectedException;

/** FHIR R4 resources as JSON, without a generated narrative. */
final class FhirJson {

  /** Not the one that the FHIR module uses: that one generates narratives, and fails at some. */
  private static final FhirContext CONTEXT = FhirContext.forR4();

  private FhirJson() {}

  /**
   * Reads a resource.
   *
   * @param json UTF-8
   * @throws SyncRejectedException when it is not a resource of this type
   */
  static <R extends Resource> R parse(Class<R> type, byte[] json) {
    try {
      String text = new String(json, StandardCharsets.UTF_8);
      return parser().parseResource(type, text);
    } catch (DataFormatException | ClassCastException e) {
      // What the parser says of it quotes the document, which is a patient's.
      throw new SyncRejectedException(
          "the document cannot be read as a FHIR R4 " + type.getSimpleName());
    }
  }

  /** Writes a resource as UTF-8. */
  static byte[] encode(Resource resource) {
    return parser().encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8);
  }

  /** It logs nothing, because that would be patient data. */
  private static IParser parser() {
    IParser parser = CONTEXT.newJsonParser();
    parser.setParserErrorHandler(new LenientErrorHandler(false));
    return parser;
  }
}
