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

  /** How HAPI writes a code for which it has no word, such as that of an empty gender. */
  private static final String NO_WORD = "?";

  private static final String EMPTY_CODE = "sync2.emptyCode";

  /** Takes a code without a word for none, and nothing else that is wrong. */
  private static final class Reading extends LenientErrorHandler {
    private boolean hasEmptyCode;

    Reading() {
      super(false);
    }

    @Override
    public void invalidValue(IParseLocation location, String value, String error) {
      if (NO_WORD.equals(value)) {
        hasEmptyCode = true;
      } else {
        super.invalidValue(location, value, error);
      }
    }
  }

  private FhirJson() {}

  /** Returns true if a resource that was read has a code that is empty, not missing. */
  static boolean hasEmptyCode(Resource resource) {
    return Boolean.TRUE.equals(resource.getUserData(EMPTY_CODE));
  }

  /**
   * Reads a resource.
   *
   * @param json UTF-8
   * @throws SyncRejectedException when it is not a resource of this type
   */
  static <R extends Resource> R parse(Class<R> type, byte[] json) {
    try {
      String text = new String(json, StandardCharsets.UTF_8);
      Reading reading = new Reading();
      IParser parser = CONTEXT.newJsonParser();
      parser.setParserErrorHandler(reading);
      R resource = parser.parseResource(type, text);
      resource.setUserData(EMPTY_CODE, reading.hasEmptyCode);
      return resource;
    } catch (DataFormatException | ClassCastException e) {
      // The parser's message quotes the document, which is a patient's.
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
