package org.openmrs.sync2;

import java.util.List;

/**
 * A node as the HTTP API sees it: the engine, and what the program around it does. Implemented by
 * that program. Methods may be called from any thread; failures are {@link SyncException}s.
 */
public interface SyncNode {

  /**
   * The open engine.
   *
   * @throws SyncClosedException when none is open, saying why and what to do
   */
  SyncEngine engine();

  /**
   * Returns what an administrator should know and do, a sentence each; empty when all is well. In
   * memory; never blocks.
   */
  List<String> problems();

  /** The commit that the program was built from; {@code unknown} when it does not say. */
  default String commit() {
    return "unknown";
  }

  /**
   * Has a run performed that the engine has announced, on a thread of the program's, and returns at
   * once: see {@link SyncRuns#perform}.
   *
   * @param direction {@code pull} or {@code push}
   * @throws SyncClosedException when the program is stopping
   */
  void perform(String direction, String runId);

  /**
   * The configuration document with all defaults of the program, as JSON; marks stand in the places
   * of secrets, see {@link ConfigurationDocument}. Blocks on the database.
   */
  String configuration();

  /**
   * Checks a configuration document, keeps it, and goes on with it: a run that is under way is
   * cancelled. Blocks until that run has finished its batch.
   *
   * @param document JSON; a mark in the place of a secret keeps the one that is stored
   * @throws SyncConfigurationException naming every field that is wrong
   * @throws UnsupportedOperationException when the program has its configuration elsewhere, saying
   *     where
   */
  void saveConfiguration(String document);

  /**
   * Checks a configuration document as {@link #saveConfiguration} does, and keeps nothing. Blocks
   * on the database.
   *
   * @return what is allowed but can hardly be meant, a sentence each
   * @throws SyncConfigurationException naming every field that is wrong
   */
  List<String> checkConfiguration(String document);
}
