package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.Way;

/** Of every kind of object: created, changed, voided or retired, and that undone. */
public final class LifecycleCases {

  private LifecycleCases() {}

  /** Four cases a kind: edited at the parent, and pulled. */
  public static List<AcceptanceCase> all() {
    return cases("", TwoServers::pulling);
  }

  /** The same edited at the child, and pushed. */
  static List<AcceptanceCase> pushed() {
    return cases("push-", TwoServers::pushing);
  }

  private static List<AcceptanceCase> cases(String prefix, Function<TwoServers, Way> way) {
    List<AcceptanceCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      String name = prefix + kind.category().replace('_', '-');
      cases.add(new AcceptanceCase(name + "-created", on -> created(way.apply(on), kind)));
      cases.add(new AcceptanceCase(name + "-changed", on -> changed(way.apply(on), kind)));
      cases.add(new AcceptanceCase(name + "-removed", on -> removed(way.apply(on), kind)));
      cases.add(new AcceptanceCase(name + "-undone", on -> undone(way.apply(on), kind)));
    }
    return cases;
  }

  private static String created(Way way, Kind kind) throws Exception {
    String uuid = way.editor().create(kind);
    way.synchronize(kind, uuid);
    way.checks().same(kind, uuid);
    return uuid;
  }

  private static void changed(Way way, Kind kind) throws Exception {
    String uuid = created(way, kind);
    String changed = way.editor().change(kind, uuid);
    way.synchronize(kind, changed);
    way.checks().same(kind, changed);
    if (!changed.equals(uuid)) {
      way.checks().removed(kind, uuid);
    }
  }

  private static String removed(Way way, Kind kind) throws Exception {
    String uuid = created(way, kind);
    way.editor().remove(kind, uuid);
    way.synchronize(kind, uuid);
    way.checks().removed(kind, uuid);
    CaseFailure.unless(
        way.servers().module().parked(uuid).isEmpty(), "a removal of " + uuid + " is parked");
    return uuid;
  }

  private static void undone(Way way, Kind kind) throws Exception {
    String uuid = removed(way, kind);
    way.editor().restore(kind, uuid);
    way.synchronize(kind, uuid);
    way.checks().present(kind, uuid);
    way.checks().same(kind, uuid);
  }
}
