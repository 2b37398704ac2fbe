package org.openmrs.module.sync2.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Lists that are too long for one statement, in several of them. */
final class Portions {

  private Portions() {}

  /** The items in their order, at most so many in each. */
  static <T> List<List<T>> of(Collection<T> items, int most) {
    List<T> all = new ArrayList<>(items);
    List<List<T>> portions = new ArrayList<>();
    for (int start = 0; start < all.size(); start += most) {
      portions.add(all.subList(start, Math.min(start + most, all.size())));
    }
    return portions;
  }
}
