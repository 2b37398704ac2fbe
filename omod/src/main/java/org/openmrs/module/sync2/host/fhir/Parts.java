package org.openmrs.module.sync2.host.fhir;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.r4.model.Element;
import org.openmrs.BaseOpenmrsData;

/**
 * The parts of one kind that an object has, such as the names of a person: brought in line with a
 * document by uuid, because the FHIR module only adds to them. A part is changed in place, added,
 * voided when the document no longer has it, and restored when it has it again.
 *
 * @param <E> the part in FHIR
 * @param <P> the part in OpenMRS
 */
abstract class Parts<E extends Element, P extends BaseOpenmrsData> {

  private final String list;

  /**
   * The parts of one object.
   *
   * @param list names the list within all lists of all objects, such as {@code <uuid>/name}
   */
  Parts(String list) {
    this.list = list;
  }

  /** A part that is not here yet. */
  abstract P create();

  /** Makes the part say what the element says, and leaves what FHIR does not know. */
  abstract void write(E element, P part);

  /** Adds a part that is complete to the object. */
  abstract void attach(P part);

  /**
   * Brings the parts in line.
   *
   * @param here those that OpenMRS has, voided ones too
   */
  final void reconcile(List<E> elements, Collection<P> here) {
    Map<String, P> left = byUuid(here);
    for (int position = 0; position < elements.size(); position++) {
      E element = elements.get(position);
      String uuid = ElementUuid.of(element, list, position);
      P known = left.remove(uuid);
      P part = known == null ? create() : known;
      write(element, part);
      part.setUuid(uuid);
      Removal.restore(part);
      if (known == null) {
        attach(part);
      }
    }
    left.values().forEach(part -> Removal.voidAlone(part, Removal.REASON));
  }

  private static <P extends BaseOpenmrsData> Map<String, P> byUuid(Collection<P> parts) {
    Map<String, P> byUuid = new LinkedHashMap<>();
    parts.forEach(part -> byUuid.put(part.getUuid(), part));
    return byUuid;
  }
}
