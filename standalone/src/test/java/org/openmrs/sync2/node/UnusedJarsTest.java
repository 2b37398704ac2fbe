package org.openmrs.sync2.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a node must not bring along: programs under licences that forbid to pass them on, and what
 * it never uses. The other tests of this project run without the first of them.
 */
class UnusedJarsTest {

  private static final Pattern UNWANTED =
      Pattern.compile(
          "(ojdbc|postgresql|sqlite-jdbc|elasticsearch-|hibernate-search-backend-elasticsearch-aws"
              + "|sdk-core|http-auth-aws|regions-|simple-java-mail|angus-mail|jmail|swagger-ui"
              + "|springdoc|plantuml).*\\.jar");

  /** What only the demo, the benchmarks and the imitation of OpenMRS's storage need. */
  private static final Pattern BESIDES =
      Pattern.compile("(picocli|xz-|atomfeed-client|demo|bench|imitation).*\\.jar");

  @Test
  void noUnwantedJarIsOnTheClassPathOfATest() {
    assertEquals(List.of(), matching(UNWANTED, jars("java.class.path")));
  }

  @Test
  void noJarOfTheProgramsBesideItIsOnTheClassPathOfANode() {
    List<String> jars = jars("sync2.nodeClassPath");
    assertTrue(jars.stream().anyMatch(jar -> jar.startsWith("hapi-fhir-jpaserver-base")), "HAPI");
    assertEquals(List.of(), matching(UNWANTED, jars));
    assertEquals(List.of(), matching(BESIDES, jars));
  }

  /** What a program beside the node needs must not change the version of what the node needs. */
  @Test
  void everyJarOfANodeIsOnTheClassPathOfATest() {
    List<String> tested = jars("java.class.path");
    assertEquals(
        List.of(),
        jars("sync2.nodeClassPath").stream().filter(jar -> !tested.contains(jar)).toList());
  }

  private static List<String> matching(Pattern pattern, List<String> jars) {
    return jars.stream().filter(jar -> pattern.matcher(jar).matches()).toList();
  }

  private static List<String> jars(String classPath) {
    return Stream.of(System.getProperty(classPath).split(File.pathSeparator))
        .map(path -> new File(path).getName())
        .filter(name -> name.endsWith(".jar"))
        .toList();
  }
}
