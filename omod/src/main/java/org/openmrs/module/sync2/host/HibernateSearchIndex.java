package org.openmrs.module.sync2.host;

import java.util.Collection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.hibernate.search.engine.backend.work.execution.DocumentCommitStrategy;
import org.hibernate.search.engine.backend.work.execution.DocumentRefreshStrategy;
import org.hibernate.search.mapper.orm.Search;
import org.hibernate.search.mapper.orm.session.SearchSession;
import org.hibernate.search.mapper.orm.work.SearchIndexingPlan;
import org.hibernate.search.mapper.orm.work.SearchWorkspace;
import org.hibernate.search.mapper.pojo.work.IndexingPlanSynchronizationStrategy;
import org.hibernate.search.mapper.pojo.work.SearchIndexingPlanExecutionReport;

/**
 * The index of Hibernate Search 6.2 and later. Its default is {@code write-sync}: each commit waits
 * until the index has been written to its disk, which took two fifths of the time of a pull. Of the
 * sessions of the engine's calls only the work is handed over, and waited for once.
 */
final class HibernateSearchIndex {

  /** The settings by which a server chooses another default: that stays as it is. */
  private static final String[] CHOICES = {
    "hibernate.search.indexing.plan.synchronization.strategy",
    "hibernate.search.automatic_indexing.synchronization.strategy"
  };

  /** What is in the index of a person, each with the person that it is about. */
  private static final String[] PARTS = {
    "from PersonName part join fetch part.person person where person.uuid in (:uuids)",
    "from PersonAttribute part join fetch part.person person where person.uuid in (:uuids)",
    "from PatientIdentifier part join fetch part.patient person where person.uuid in (:uuids)"
  };

  /** A backend that does not answer for so long will hardly do so by itself. */
  private static final long LONGEST_WAIT_MINUTES = 5;

  /**
   * By call, what was handed over. Hibernate Search lets nobody hand over more than it can hold.
   */
  private final Map<String, Queue<CompletableFuture<? extends SearchIndexingPlanExecutionReport>>>
      handedOver = new ConcurrentHashMap<>();

  boolean behind(Session session, String call) {
    Map<String, Object> settings = session.getSessionFactory().getProperties();
    if (Stream.of(CHOICES).anyMatch(settings::containsKey)) {
      return false;
    }
    Queue<CompletableFuture<? extends SearchIndexingPlanExecutionReport>> works =
        handedOver.computeIfAbsent(call, name -> new ConcurrentLinkedQueue<>());
    Search.session(session)
        .indexingPlanSynchronizationStrategy(
            context -> {
              context.documentCommitStrategy(DocumentCommitStrategy.NONE);
              context.documentRefreshStrategy(DocumentRefreshStrategy.NONE);
              context.indexingFutureHandler(works::add);
            });
    return true;
  }

  void await(Session session, String call)
      throws InterruptedException, ExecutionException, TimeoutException {
    SearchSession search = Search.session(session);
    search.indexingPlanSynchronizationStrategy(IndexingPlanSynchronizationStrategy.writeSync());
    Queue<CompletableFuture<? extends SearchIndexingPlanExecutionReport>> works =
        handedOver.remove(call);
    if (works == null || works.isEmpty()) {
      return;
    }
    for (CompletableFuture<? extends SearchIndexingPlanExecutionReport> work : works) {
      check(work.get(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES));
    }
    SearchWorkspace indexes = search.workspace();
    indexes.flush();
    indexes.refresh();
  }

  private static void check(SearchIndexingPlanExecutionReport report) throws ExecutionException {
    if (report.throwable().isPresent()) {
      throw new ExecutionException("the search index is not whole", report.throwable().get());
    }
  }

  void again(Session session, Collection<String> uuids) {
    SearchSession search = Search.session(session);
    search.indexingPlanSynchronizationStrategy(IndexingPlanSynchronizationStrategy.writeSync());
    SearchIndexingPlan plan = search.indexingPlan();
    for (String parts : PARTS) {
      session
          .createQuery(parts, Object.class)
          .setParameterList("uuids", uuids)
          .list()
          .forEach(plan::addOrUpdate);
    }
    plan.execute();
  }
}
