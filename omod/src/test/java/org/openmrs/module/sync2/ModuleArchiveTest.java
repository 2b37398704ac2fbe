package org.openmrs.module.sync2;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the {@code .omod}, and that a class loader of its own finds what it needs there. */
class ModuleArchiveTest {

  private static final Path MODULE = Paths.get(System.getProperty("sync2.omod"));

  private static List<String> files;

  @BeforeAll
  static void list() throws IOException {
    try (ZipFile module = new ZipFile(MODULE.toFile())) {
      files =
          module.stream().filter(e -> !e.isDirectory()).map(ZipEntry::getName).collect(toList());
    }
  }

  @Test
  void openmrsFindsItsConfiguration() {
    assertTrue(files.contains("config.xml"), files::toString);
  }

  @Test
  void openmrsFindsThePage() {
    assertTrue(files.contains("web/module/resources/index.html"), files::toString);
    assertTrue(files.stream().anyMatch(name -> name.startsWith("web/module/resources/assets/")));
  }

  @Test
  void theLicencesOfWhatTheLibraryIsMadeOfComeWithIt() throws IOException {
    try (ZipFile module = new ZipFile(MODULE.toFile());
        BufferedReader notices =
            new BufferedReader(
                new InputStreamReader(
                    module.getInputStream(module.getEntry("META-INF/THIRD-PARTY-NOTICES.txt")),
                    StandardCharsets.UTF_8))) {
      String all = notices.lines().collect(joining("\n"));
      for (String crate : new String[] {"\nreqwest 0.", "\nring 0.", "\nrustls 0.", "\ntokio 1."}) {
        assertTrue(all.contains(crate), crate);
      }
      assertTrue(all.contains("Permission is hereby granted, free of charge"));
      assertFalse(all.contains("\nproptest "), "it is in no release");
    }
  }

  @Test
  void noFileIsThereTwice() {
    assertEquals(files.stream().distinct().collect(toList()), files);
  }

  @Test
  void everyClassIsOurs() {
    List<String> others =
        files.stream()
            .filter(name -> name.endsWith(".class"))
            .filter(name -> !name.startsWith("org/openmrs/sync2/"))
            .filter(name -> !name.startsWith("org/openmrs/module/sync2/"))
            .collect(toList());
    assertEquals(Collections.emptyList(), others);
    assertTrue(files.contains("org/openmrs/sync2/SyncEngine.class"));
    assertTrue(files.contains("org/openmrs/module/sync2/Sync2Privileges.class"));
  }

  @Test
  void noLibraryIsThereButOurNativeOnes() {
    List<String> libraries =
        files.stream()
            .filter(name -> name.startsWith("lib/") || name.endsWith(".jar"))
            .collect(toList());
    assertEquals(Collections.emptyList(), libraries);
    assertTrue(files.stream().anyMatch(name -> name.startsWith("native/")));
  }

  @Test
  void theManifestSaysWhichBuildItIs() throws IOException {
    try (JarFile module = new JarFile(MODULE.toFile())) {
      assertEquals(
          Arrays.asList(Sync2Build.version(), Sync2Build.commit()),
          Arrays.asList(
              module.getManifest().getMainAttributes().getValue("Implementation-Version"),
              module.getManifest().getMainAttributes().getValue("Sync2-Commit")));
    }
  }

  @Test
  void theNativeLibraryLoadsFromTheModule(@TempDir Path directory) throws Exception {
    ClassLoader tests = ModuleArchiveTest.class.getClassLoader();
    try (URLClassLoader module = new ModuleFirst(new URL[] {MODULE.toUri().toURL()}, tests)) {
      module
          .loadClass("org.openmrs.sync2.NativeLibrary")
          .getMethod("load", Path.class)
          .invoke(null, directory);
      assertEquals(1, directory.toFile().list().length);
    }
  }

  /** Looks into the module before its parent, as OpenMRS's class loader of a module does. */
  private static final class ModuleFirst extends URLClassLoader {

    ModuleFirst(URL[] urls, ClassLoader parent) {
      super(urls, parent);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null || !name.startsWith("org.openmrs.")
            ? super.loadClass(name, resolve)
            : findClass(name);
      }
    }
  }
}
