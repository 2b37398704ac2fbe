package org.openmrs.sync2.signatures;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code CompareSignatures FOLDER JAR…}: compares each class file below the folder, which declares
 * what is used of a class, with the real class in the jars. Prints the differences and exits with 1
 * when there are any.
 */
public final class CompareSignatures {

  private CompareSignatures() {}

  /** Compares; see the class. */
  public static void main(String[] arguments) throws IOException {
    List<Path> declared = classFiles(Paths.get(arguments[0]));
    List<String> differences;
    try (URLClassLoader jars =
        new URLClassLoader(urls(Arrays.asList(arguments).subList(1, arguments.length)))) {
      differences = compare(declared, new ClassFiles(jars));
    }
    differences.forEach(System.out::println);
    System.out.printf("%d classes, %d differences%n", declared.size(), differences.size());
    if (declared.isEmpty() || !differences.isEmpty()) {
      System.exit(1);
    }
  }

  private static List<String> compare(List<Path> declared, ClassFiles real) throws IOException {
    Differences differences = new Differences(real);
    for (Path path : declared) {
      try (InputStream file = Files.newInputStream(path)) {
        differences.compare(ClassFiles.parse(file));
      }
    }
    return differences.found();
  }

  private static List<Path> classFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .sorted()
          .collect(Collectors.toList());
    }
  }

  private static URL[] urls(List<String> paths) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String path : paths) {
      urls.add(Paths.get(path).toUri().toURL());
    }
    return urls.toArray(new URL[0]);
  }
}
