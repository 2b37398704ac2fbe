package org.openmrs.module.sync2;

import org.openmrs.sync2.LoggedFailure;
import org.openmrs.sync2.SyncException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A step in the life of the module that OpenMRS must survive: what an activator throws can keep the
 * whole server from starting.
 */
final class LifecycleStep {

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleStep.class);

  private LifecycleStep() {}

  /**
   * Runs a step, and logs one sentence when it fails. Throws nothing.
   *
   * @param consequence what its failure means, such as {@code Sync 2 does not run}: the beginning
   *     of the sentence
   */
  static void run(String consequence, Runnable step) {
    try {
      step.run();
    } catch (SyncException e) {
      // Its message is written for the administrator, who has no use for our stack.
      LOG.error("{}: {}", consequence, LoggedFailure.words(e));
    } catch (Throwable e) {
      LOG.error(
          "{}, because of an error that it did not expect: {}",
          consequence,
          LoggedFailure.words(e),
          LoggedFailure.of(e));
    }
  }
}
