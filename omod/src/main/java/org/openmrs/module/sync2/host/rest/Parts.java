package org.openmrs.module.sync2.host.rest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.openmrs.BaseOpenmrsData;
import org.openmrs.Voidable;
import org.openmrs.api.context.Context;

/**
 * Makes a list that OpenMRS keeps with an object what the parent's list is, by uuid: changed in
 * place, added, voided when the parent no longer has it, restored when it came back.
 */
final class Parts<P extends BaseOpenmrsData> {

  static final String REMOVED_AT_THE_PARENT = "Removed at the parent";

  private final Collection<P> here;
  private final Supplier<P> maker;
  private final BiConsumer<P, JsonFields> filler;
  private final Consumer<P> adder;

  /**
   * A list.
   *
   * @param here all parts, voided or not
   * @param maker makes a new part
   * @param filler makes a part what its JSON says
   * @param adder puts a part that is complete into the list
   */
  Parts(
      Collection<P> here, Supplier<P> maker, BiConsumer<P, JsonFields> filler, Consumer<P> adder) {
    this.here = new ArrayList<>(here);
    this.maker = maker;
    this.filler = filler;
    this.adder = adder;
  }

  void reconcile(List<JsonFields> there) {
    Set<String> kept = new HashSet<>();
    for (JsonFields json : there) {
      String uuid = json.text("uuid");
      kept.add(uuid);
      P part = find(uuid);
      if (part == null) {
        add(uuid, json);
      } else {
        restore(part);
        filler.accept(part, json);
      }
    }
    here.stream().filter(part -> !kept.contains(part.getUuid())).forEach(Parts::remove);
  }

  private P find(String uuid) {
    return here.stream().filter(part -> part.getUuid().equals(uuid)).findFirst().orElse(null);
  }

  /** Complete before it is in the list: a look-up in between may flush. */
  private void add(String uuid, JsonFields json) {
    P part = maker.get();
    part.setUuid(uuid);
    Creation.stamp(part, json);
    filler.accept(part, json);
    adder.accept(part);
  }

  static void remove(Voidable part) {
    if (!part.getVoided()) {
      part.setVoided(true);
      part.setVoidedBy(Context.getAuthenticatedUser());
      part.setDateVoided(new Date());
      part.setVoidReason(REMOVED_AT_THE_PARENT);
    }
  }

  static void restore(Voidable part) {
    part.setVoided(false);
    part.setVoidedBy(null);
    part.setDateVoided(null);
    part.setVoidReason(null);
  }
}
