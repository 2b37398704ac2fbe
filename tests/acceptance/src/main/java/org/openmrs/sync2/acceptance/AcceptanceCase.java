package org.openmrs.sync2.acceptance;

/**
 * One thing that must hold.
 *
 * @param name for {@code --only} and the result
 */
public record AcceptanceCase(String name, Body body) {

  /** What is done and looked at. */
  @FunctionalInterface
  public interface Body {

    /**
     * Runs the case.
     *
     * @throws CaseFailure when something is not as it must be
     * @throws CaseSkipped when the command line does not give what it needs
     * @throws Exception when a server cannot be reached or refuses what it must accept
     */
    void run(TwoServers servers) throws Exception;
  }
}
