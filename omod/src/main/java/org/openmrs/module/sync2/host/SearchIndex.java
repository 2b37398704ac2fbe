package org.openmrs.module.sync2.host;

import java.util.Arrays;
import org.hibernate.Session;
import org.openmrs.sync2.LoggedFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index that people are searched in. OpenMRS before 2.8 keeps it without Hibernate Search 6:
 * there each commit waits for it, as ever.
 */
final class SearchIndex {

  private static final Logger LOG = LoggerFactory.getLogger(SearchIndex.class);

  /** Its classes are not looked for before it is used: they may not be there. */
  private static final class Hibernate6 {
    static final HibernateSearchIndex INDEX = new HibernateSearchIndex();
  }

  private SearchIndex() {}

  /** See {@link org.openmrs.sync2.SyncHost#indexBehind}. */
  static boolean behind(Session session, String call) {
    try {
      return Hibernate6.INDEX.behind(session, call);
    } catch (LinkageError | RuntimeException e) {
      LOG.debug("Each commit waits for the search index", LoggedFailure.of(e));
      return false;
    }
  }

  /** See {@link org.openmrs.sync2.SyncHost#awaitIndex}. */
  static void await(Session session, String call) throws Exception {
    Hibernate6.INDEX.await(session, call);
  }

  /** See {@link org.openmrs.sync2.SyncHost#indexAgain}. */
  static void again(Session session, String[] uuids) {
    try {
      Hibernate6.INDEX.again(session, Arrays.asList(uuids));
    } catch (LinkageError e) {
      LOG.debug("There is no search index to bring up to date", LoggedFailure.of(e));
    }
  }
}
