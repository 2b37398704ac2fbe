package org.openmrs.sync2.node.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Puts the objects of a source into a node over HTTP, several at a time, each after those that it
 * refers to.
 */
final class NodeLoader {

  private static final int REQUESTS_AT_ONCE = 4;
  private static final int OBJECTS_HELD = 64;

  private final NodeClient node;
  private final Progress progress;
  private final Map<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
  private final Semaphore slots = new Semaphore(OBJECTS_HELD);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  NodeLoader(NodeClient node, Progress progress) {
    this.node = node;
    this.progress = progress;
  }

  /**
   * Blocks until all is there.
   *
   * @return what the source has and does not hand over
   * @throws DemoException when the node refuses an object
   * @throws IOException when the source or the node fails
   */
  LeftOut load(ObjectSource source) throws IOException {
    ExecutorService requests = Executors.newFixedThreadPool(REQUESTS_AT_ONCE);
    try {
      LeftOut leftOut = source.deliverTo(object -> submit(object, requests));
      slots.acquireUninterruptibly(OBJECTS_HELD);
      stopAfterFailure();
      return leftOut;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      requests.shutdownNow();
    }
  }

  private void submit(SourceObject object, ExecutorService requests) {
    slots.acquireUninterruptibly();
    stopAfterFailure();
    CompletableFuture<Void> stored = after(object).thenRunAsync(() -> store(object), requests);
    underWay.put(object.key(), stored);
    stored.whenComplete((nothing, error) -> finished(object, error));
  }

  private CompletableFuture<Void> after(SourceObject object) {
    return CompletableFuture.allOf(
        object.references().stream()
            .map(underWay::get)
            .filter(Objects::nonNull)
            .toArray(CompletableFuture<?>[]::new));
  }

  private void store(SourceObject object) {
    try {
      node.store(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void finished(SourceObject object, Throwable error) {
    underWay.remove(object.key());
    if (error == null) {
      progress.advance();
    } else {
      failure.compareAndSet(null, error);
    }
    slots.release();
  }

  private void stopAfterFailure() {
    Throwable error = failure.get();
    if (error instanceof CompletionException
        && error.getCause() instanceof RuntimeException first) {
      throw first;
    }
    if (error != null) {
      throw new DemoException("loading a node failed: " + error.getMessage(), error);
    }
  }
}
