package org.openmrs.module.sync2.host.writing;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.openmrs.BaseOpenmrsData;

/**
 * The parts of one kind that an object has, such as the names of a person: brought in line with a
 * document by uuid. A part is changed in place, added, voided when the document no longer has it,
 * and restored when it has it again.
 *
 * @param <E> the part in the document
 * @param <P> the part in OpenMRS
 */
public final class Parts<E, P extends BaseOpenmrsData> {

  private final Map<String, P> here = new LinkedHashMap<>();
  private final Supplier<P> maker;
  private final BiConsumer<P, E> filler;
  private final Consumer<P> adder;

  /**
   * The parts of one object.
   *
   * @param here those that OpenMRS has, voided ones too
   * @param maker makes a part that is not here yet
   * @param filler makes a part say what the element says, and leaves what the document cannot say
   * @param adder adds a part that is complete to the object: a sorted set looks at it only then
   */
  public Parts(Collection<P> here, Supplier<P> maker, BiConsumer<P, E> filler, Consumer<P> adder) {
    here.forEach(part -> this.here.put(part.getUuid(), part));
    this.maker = maker;
    this.filler = filler;
    this.adder = adder;
  }

  /**
   * Brings the parts in line.
   *
   * @param elements those of the document, by the uuids of their parts
   */
  public void reconcile(Map<String, E> elements, Removal removal) {
    Set<String> gone = new HashSet<>(here.keySet());
    gone.removeAll(elements.keySet());
    elements.forEach(this::take);
    gone.forEach(uuid -> removal.voidAlone(here.get(uuid), Removal.REASON));
  }

  private void take(String uuid, E element) {
    P known = here.get(uuid);
    P part = known == null ? maker.get() : known;
    if (known != null) {
      Removal.restore(known);
    }
    filler.accept(part, element);
    part.setUuid(uuid);
    if (known == null) {
      adder.accept(part);
    }
  }
}
