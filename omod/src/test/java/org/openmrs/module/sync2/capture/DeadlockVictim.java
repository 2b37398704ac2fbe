package org.openmrs.module.sync2.capture;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * A database that chooses each transaction as the victim of a deadlock when it writes to the
 * outbox: it rolls all of it back, and says so, as MariaDB does.
 */
final class DeadlockVictim {

  private final DataSource database;

  DeadlockVictim(DataSource database) {
    this.database = database;
  }

  DataSource dataSource() {
    return proxy(DataSource.class, this::ofDataSource);
  }

  private Object ofDataSource(Method method, Object[] arguments) throws Throwable {
    Object answer = call(database, method, arguments);
    if (!(answer instanceof Connection)) {
      return answer;
    }
    Connection connection = (Connection) answer;
    return proxy(Connection.class, (called, given) -> ofConnection(connection, called, given));
  }

  private static Object ofConnection(Connection connection, Method method, Object[] arguments)
      throws Throwable {
    if (method.getName().equals("prepareStatement")
        && ((String) arguments[0]).contains("INSERT INTO sync2_outbox")) {
      connection.rollback();
      throw new SQLException("deadlock found", "40001");
    }
    return call(connection, method, arguments);
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface Call {
    Object of(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (itself, method, arguments) -> call.of(method, arguments)));
  }
}
