package org.openmrs.module.sync2.host.fhir;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hl7.fhir.r4.model.Element;

/** The uuid in OpenMRS of an element of a document. */
final class ElementUuid {

  /** The longest text of OpenMRS's columns for a uuid. */
  private static final int LONGEST = 38;

  private ElementUuid() {}

  /** The elements of a list by the uuids of their parts, in the order of the list. */
  static <E extends Element> Map<String, E> byUuid(List<E> elements, String list) {
    Map<String, E> byUuid = new LinkedHashMap<>();
    for (int position = 0; position < elements.size(); position++) {
      byUuid.put(of(elements.get(position), list, position), elements.get(position));
    }
    return byUuid;
  }

  /**
   * The id of the element, as the FHIR module gives it. Other servers give none; then it follows
   * from the place of the element, so that it is found again.
   *
   * @param list names the list within all lists of all objects, such as {@code <uuid>/name}
   */
  static String of(Element element, String list, int position) {
    String id = element.getId();
    if (id != null && !id.isEmpty() && id.length() <= LONGEST) {
      return id;
    }
    String place = list + "/" + position;
    return UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
