package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;

/** Of every kind of object: created, changed, voided or retired, and that undone. */
public final class LifecycleCases {

  private LifecycleCases() {}

  /** Four cases a kind. */
  public static List<AcceptanceCase> all() {
    List<AcceptanceCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      String name = kind.category().replace('_', '-');
      cases.add(new AcceptanceCase(name + "-created", servers -> created(servers, kind)));
      cases.add(new AcceptanceCase(name + "-changed", servers -> changed(servers, kind)));
      cases.add(new AcceptanceCase(name + "-removed", servers -> removed(servers, kind)));
      cases.add(new AcceptanceCase(name + "-undone", servers -> undone(servers, kind)));
    }
    return cases;
  }

  private static String created(TwoServers servers, Kind kind) throws Exception {
    String uuid = new Editor(servers).create(kind);
    servers.synchronize(kind, uuid);
    Checks.of(servers).same(kind, uuid);
    return uuid;
  }

  private static void changed(TwoServers servers, Kind kind) throws Exception {
    String uuid = created(servers, kind);
    String changed = new Editor(servers).change(kind, uuid);
    servers.synchronize(kind, changed);
    Checks.of(servers).same(kind, changed);
    if (!changed.equals(uuid)) {
      Checks.of(servers).removed(kind, uuid);
    }
  }

  private static String removed(TwoServers servers, Kind kind) throws Exception {
    String uuid = created(servers, kind);
    new Editor(servers).remove(kind, uuid);
    servers.synchronize(kind, uuid);
    Checks.of(servers).removed(kind, uuid);
    CaseFailure.unless(
        servers.module().parked(uuid).isEmpty(), "a removal of " + uuid + " is parked");
    return uuid;
  }

  private static void undone(TwoServers servers, Kind kind) throws Exception {
    String uuid = removed(servers, kind);
    new Editor(servers).restore(kind, uuid);
    servers.synchronize(kind, uuid);
    Checks.of(servers).present(kind, uuid);
    Checks.of(servers).same(kind, uuid);
  }
}
