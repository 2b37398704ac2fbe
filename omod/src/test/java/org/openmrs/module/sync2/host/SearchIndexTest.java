package org.openmrs.module.sync2.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collections;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;

/** OpenMRS before 2.8 has other classes of that name, or none. */
class SearchIndexTest {

  /** Loads the module's classes anew, and none of Hibernate Search. */
  private static final class WithoutHibernateSearch extends ClassLoader {

    WithoutHibernateSearch() {
      super(SearchIndexTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.hibernate.search.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith(SearchIndex.class.getPackage().getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        byte[] bytes = new byte[1 << 20];
        int length = 0;
        for (int read = 0; read >= 0; read = in.read(bytes, length, bytes.length - length)) {
          length += read;
        }
        return defineClass(name, bytes, 0, length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void eachCommitWaitsAsEverWhereThereIsNoHibernateSearch6() throws Exception {
    assertEquals(false, call("behind", String.class, "call"));
    assertNull(call("again", String[].class, new String[] {"p1"}));
  }

  private static Object call(String method, Class<?> type, Object argument) throws Exception {
    Class<?> index = new WithoutHibernateSearch().loadClass(SearchIndex.class.getName());
    Method called = index.getDeclaredMethod(method, Session.class, type);
    called.setAccessible(true);
    return called.invoke(null, anySession(), argument);
  }

  /** Without a setting of its own. */
  private static Session anySession() {
    SessionFactory factory = proxy(SessionFactory.class, Collections.emptyMap());
    return proxy(Session.class, factory);
  }

  private static <T> T proxy(Class<T> type, Object answer) {
    InvocationHandler answers = (self, method, arguments) -> answer;
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
  }

  @Test
  void theHostIsMadeWhereThereIsNoHibernateSearch6() throws Exception {
    Class<?> host = new WithoutHibernateSearch().loadClass(OpenmrsHost.class.getName());
    assertNotNull(host.getDeclaredConstructor().newInstance());
  }

  /** Else the tests above would show nothing. */
  @Test
  void theIndexItselfNeedsHibernateSearch6() throws Exception {
    Class<?> index = new WithoutHibernateSearch().loadClass(HibernateSearchIndex.class.getName());
    assertThrows(NoClassDefFoundError.class, index::getDeclaredMethods);
  }
}
