package org.openmrs.sync2.node.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openmrs.sync2.node.demo.GeneratedSource;
import org.openmrs.sync2.node.demo.ObjectKind;
import org.openmrs.sync2.node.demo.SourceObject;

/**
 * A FHIR resource that is to be saved.
 *
 * @param category its name in feeds and configuration
 * @param document FHIR R4 JSON
 */
record Content(String category, String id, byte[] document) {

  /**
   * A made-up hospital, without its REST metadata: the reference client knows FHIR only.
   *
   * @param seed others have other ids
   * @return its objects, each after those that it refers to
   */
  static List<Content> generated(long seed, int patients) {
    List<Content> objects = new ArrayList<>();
    new GeneratedSource(seed, patients)
        .deliverTo(
            object -> {
              if (object.kind().form() == ObjectKind.Form.FHIR) {
                objects.add(of(object));
              }
            });
    return objects;
  }

  private static Content of(SourceObject object) {
    byte[] document = object.document().toString().getBytes(StandardCharsets.UTF_8);
    return new Content(object.kind().category(), object.id(), document);
  }
}
