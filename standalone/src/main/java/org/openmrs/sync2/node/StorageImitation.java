package org.openmrs.sync2.node;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import javax.sql.DataSource;

/**
 * Gives the storage of a node the ways of another program's, for tests. A node brings none of its
 * own: what is on the class path is found by {@link ServiceLoader}, and used where the node file
 * says {@code "lossy": true}.
 */
public interface StorageImitation {

  /** The message for such a file when none is found. */
  String MISSING =
      "needs what imitates OpenMRS's storage, which is for tests only: add build/demo/imitation.jar"
          + " to the class path";

  /** Begins to imitate, before the storage is used. Makes the tables that are missing for it. */
  StorageWays imitateIn(FhirStore store, DataSource dataSource);

  /** The one on the class path. */
  static Optional<StorageImitation> find() {
    return ServiceLoader.load(StorageImitation.class).findFirst();
  }

  /**
   * The one on the class path.
   *
   * @throws NodeConfigException when there is none
   */
  static StorageImitation require() {
    return find().orElseThrow(() -> new NodeConfigException(List.of("server.lossy: " + MISSING)));
  }
}
