package org.openmrs.sync2;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the native library's log messages go. Called by it, from any thread. */
final class SyncLog {

  private static final String ROOT = "org.openmrs.sync2";
  private static final int OFF = 0;
  private static final int ERROR = 1;
  private static final int WARN = 2;
  private static final int INFO = 3;
  private static final int DEBUG = 4;
  private static final int TRACE = 5;

  private SyncLog() {}

  /** The most detailed level that is wanted now. */
  static int level() {
    Logger logger = LoggerFactory.getLogger(ROOT);
    if (logger.isTraceEnabled()) {
      return TRACE;
    }
    if (logger.isDebugEnabled()) {
      return DEBUG;
    }
    if (logger.isInfoEnabled()) {
      return INFO;
    }
    if (logger.isWarnEnabled()) {
      return WARN;
    }
    return logger.isErrorEnabled() ? ERROR : OFF;
  }

  /**
   * Logs one message.
   *
   * @param target the Rust module that it comes from, such as {@code sync2::pull}
   */
  static void log(int level, String target, String message) {
    Logger logger = LoggerFactory.getLogger(loggerName(target));
    switch (level) {
      case ERROR:
        logger.error(message);
        break;
      case WARN:
        logger.warn(message);
        break;
      case INFO:
        logger.info(message);
        break;
      case DEBUG:
        logger.debug(message);
        break;
      default:
        logger.trace(message);
    }
  }

  /**
   * {@code sync2::pull} is {@code org.openmrs.sync2.pull}; other crates come below {@code native}.
   */
  private static String loggerName(String target) {
    String path = target.replace("::", ".");
    return path.equals("sync2") || path.startsWith("sync2.")
        ? ROOT + path.substring("sync2".length())
        : ROOT + ".native." + path;
  }
}
