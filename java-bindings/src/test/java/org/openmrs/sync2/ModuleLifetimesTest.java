package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.openmrs.sync2.jdbc.TestDatabases;

/** Starts and stops of a module in one process, each in a class loader of its own. */
class ModuleLifetimesTest {

  /** So many starts; {@code LIFETIMES} of the environment says how many instead. */
  private static final int LIFETIMES = 30;

  private ServerSocket parent;

  @BeforeEach
  void start() throws IOException {
    parent = TestConfig.silentParent();
  }

  @AfterEach
  void stop() throws IOException {
    parent.close();
  }

  /** What a module's stop needs: nothing native refers to the classes any more. */
  @Test
  void closedEngineLetsGoOfItsClassLoader() throws Exception {
    assertCollected(loaderThatOpenedAndClosedAnEngine());
  }

  /**
   * The library stays mapped as long as the process runs. The JVM gives up the file of a class
   * loader a moment after that is collected, so that some starts find none that is free.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void restartedModuleLoadsTheLibraryThatIsMapped() throws Exception {
    String wanted = System.getenv("LIFETIMES");
    int lifetimes = wanted == null ? LIFETIMES : Integer.parseInt(wanted);
    int before = mappedLibraries().size();
    for (int lifetime = 0; lifetime < lifetimes; lifetime++) {
      assertCollected(loaderThatOpenedAndClosedAnEngine());
    }
    int added = mappedLibraries().size() - before;
    System.out.println(lifetimes + " starts of a module mapped " + added + " libraries");
    assertTrue(added <= LIFETIMES / 3, added + " libraries more are mapped");
  }

  private WeakReference<ClassLoader> loaderThatOpenedAndClosedAnEngine() throws Exception {
    ClassLoader platform = ClassLoader.getSystemClassLoader().getParent();
    URLClassLoader loader = new URLClassLoader(classPath(), platform);
    Method run =
        loader
            .loadClass("org.openmrs.sync2.OpenAndClose")
            .getMethod("run", String.class, DataSource.class);
    String config = TestConfig.forParent(parent.getLocalPort());
    // On a thread that ends: Jackson keeps buffers with the thread.
    Thread thread = new Thread(() -> invoke(run, config, TestDatabases.h2()));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    thread.setUncaughtExceptionHandler((ended, thrown) -> failure.set(thrown));
    thread.start();
    thread.join();
    assertNull(failure.get(), () -> String.valueOf(failure.get()));
    loader.close();
    return new WeakReference<>(loader);
  }

  private static void invoke(Method method, Object... arguments) {
    try {
      method.invoke(null, arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Paths.get(entry).toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }

  private static void assertCollected(WeakReference<?> reference) throws InterruptedException {
    for (int attempt = 0; attempt < 100 && reference.get() != null; attempt++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertNull(reference.get());
  }

  private static Set<String> mappedLibraries() throws IOException {
    Path maps = Paths.get("/proc/self/maps");
    try (Stream<String> lines = Files.lines(maps)) {
      return lines
          .filter(line -> line.contains(".native"))
          .map(line -> line.substring(line.indexOf('/')))
          .collect(Collectors.toSet());
    }
  }
}
