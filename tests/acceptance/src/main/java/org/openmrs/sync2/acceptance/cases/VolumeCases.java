package org.openmrs.sync2.acceptance.cases;

import java.util.List;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.Cohort;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.SyncRun;

/** Many objects at once. */
public final class VolumeCases {

  private VolumeCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("many-patients", VolumeCases::manyPatients),
        new AcceptanceCase("nothing-new", VolumeCases::nothingNew));
  }

  private static void manyPatients(TwoServers servers) throws Exception {
    Cohort cohort = Cohort.write(servers.pulling(), servers.patients());
    SyncRun run = servers.synchronize();
    cohort.mustBeSame(servers.pulling());
    double seconds = Math.max(run.seconds(), 0.001);
    servers.note(
        "%d patients, %d objects, %d events in %.1f s: %.1f patients/s, %.1f objects/s"
            .formatted(
                cohort.uuids(Kind.PATIENT).size(),
                cohort.size(),
                run.events(),
                seconds,
                cohort.uuids(Kind.PATIENT).size() / seconds,
                cohort.size() / seconds));
  }

  /** A pull after a pull has nothing to do. */
  private static void nothingNew(TwoServers servers) throws Exception {
    servers.synchronize();
    SyncRun run = servers.module().pull();
    CaseFailure.unless(
        run.state().equals("completed") && run.events() == 0, "nothing was written, but " + run);
  }
}
