package org.openmrs.module.sync2;

import com.fasterxml.jackson.databind.type.TypeFactory;
import org.openmrs.module.BaseModuleActivator;
import org.openmrs.module.DaemonToken;
import org.openmrs.module.DaemonTokenAware;
import org.openmrs.module.ModuleFactory;
import org.openmrs.module.sync2.engine.SyncRuntime;
import org.openmrs.util.OpenmrsClassLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ties the engine to the life of the module and of OpenMRS's application context.
 *
 * <p>The engine uses beans of the context. The start or stop of any module replaces the context, so
 * the engine is closed before that and opened again after it; no run goes on meanwhile. OpenMRS
 * calls these methods one at a time, and they block until what they start or stop has started or
 * stopped.
 */
public class Sync2Activator extends BaseModuleActivator implements DaemonTokenAware {

  private static final Logger LOG = LoggerFactory.getLogger(Sync2Activator.class);

  /** As config.xml has it. */
  private static final String MODULE_ID = "sync2";

  private static final String NO_RUN = "Sync 2 does not run";
  private static final String NO_END = "Sync 2 did not stop as it should";
  private static final String NO_ANSWER = "An upload of Sync 2 is answered with an error";

  /**
   * The version of the module. OpenMRS's REST module answers an upload with the module as a bean,
   * its activator included, and fails where that has no property at all.
   */
  public String getVersion() {
    return Sync2Build.version();
  }

  /** OpenMRS gives it before {@link #contextRefreshed}, another one each time. */
  @Override
  public void setDaemonToken(DaemonToken token) {
    LifecycleStep.run(NO_RUN, () -> SyncRuntime.get().setDaemonToken(token));
  }

  /** The context is about to go: because OpenMRS or any module starts, or a module was stopped. */
  @Override
  public void willRefreshContext() {
    step(NO_END, () -> SyncRuntime.get().stop());
  }

  /** There is a new context. The first time this is the start of the module itself. */
  @Override
  public void contextRefreshed() {
    step(NO_RUN, () -> SyncRuntime.get().start());
  }

  /**
   * Before this OpenMRS ran the liquibase.xml of a module that this one requires: with this
   * module's class loader, which the thread, one of a pool, would keep.
   */
  @Override
  public void willStart() {
    step(NO_RUN, () -> {});
  }

  @Override
  public void started() {
    step(NO_RUN, () -> LOG.info("Sync 2 {} ({})", Sync2Build.version(), Sync2Build.commit()));
    step(NO_ANSWER, () -> ReadablePrivilege.replaceThoseOf(ModuleFactory.getModuleById(MODULE_ID)));
  }

  /** OpenMRS is still complete: what a run has under way can be rolled back. */
  @Override
  public void willStop() {
    step(NO_END, () -> SyncRuntime.get().stop());
  }

  /**
   * A task of the scheduler may have come in between. The class loader goes after this; OpenMRS's
   * REST module has answered an upload with this class, which Jackson remembers for all of OpenMRS.
   */
  @Override
  public void stopped() {
    step(NO_END, () -> SyncRuntime.get().stop());
    step(NO_END, () -> TypeFactory.defaultInstance().clearCache());
  }

  /**
   * OpenMRS gives the thread the module's class loader for the call and leaves it there, and
   * threads that it starts next would keep that loader for as long as they live.
   */
  private static void step(String failure, Runnable step) {
    LifecycleStep.run(failure, step);
    LifecycleStep.run(
        failure,
        () -> Thread.currentThread().setContextClassLoader(OpenmrsClassLoader.getInstance()));
  }
}
