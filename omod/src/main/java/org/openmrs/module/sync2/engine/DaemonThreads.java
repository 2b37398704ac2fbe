package org.openmrs.module.sync2.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.openmrs.api.context.ContextAuthenticationException;
import org.openmrs.api.context.Daemon;
import org.openmrs.module.DaemonToken;
import org.openmrs.util.OpenmrsClassLoader;

/**
 * Threads of OpenMRS with a session of their own and the daemon user, who may do everything. They
 * have no transaction when they begin.
 */
final class DaemonThreads implements Executor {

  private volatile DaemonToken token;

  /**
   * Takes the token that OpenMRS gives to a module which it trusts with such threads, anew after
   * each refresh.
   */
  void setToken(DaemonToken token) {
    this.token = token;
  }

  /**
   * Starts work and does not wait for it.
   *
   * @throws RejectedExecutionException when OpenMRS does not trust the module (any more)
   */
  @Override
  // The replacement came with OpenMRS 2.7.
  @SuppressWarnings("deprecation")
  public void execute(Runnable work) {
    try {
      withModulesClasses(() -> Daemon.runInDaemonThread(() -> withModulesClasses(work), token));
    } catch (ContextAuthenticationException e) {
      throw new RejectedExecutionException("OpenMRS has stopped the module", e);
    }
  }

  /**
   * The threads are pooled: one may have the class loader of who was there first, and a new one
   * takes that of who asks for it, which would keep this module's classes for ever.
   */
  private static void withModulesClasses(Runnable work) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(OpenmrsClassLoader.getInstance());
    try {
      work.run();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * Does work, on this thread if it is one of these, and waits for it; what it throws is thrown
   * here.
   */
  <T> T call(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    if (Daemon.isDaemonThread()) {
      task.run();
    } else {
      execute(task);
    }
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a step of Sync 2 was under way", e);
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    }
  }

  private static RuntimeException unchecked(Throwable cause) {
    if (cause instanceof Error) {
      throw (Error) cause;
    }
    return cause instanceof RuntimeException
        ? (RuntimeException) cause
        : new IllegalStateException(cause);
  }
}
