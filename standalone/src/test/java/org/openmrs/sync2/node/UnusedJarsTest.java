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
 * it never uses. The other tests of this project run without them.
 */
class UnusedJarsTest {

  private static final Pattern UNWANTED =
      Pattern.compile(
          "(ojdbc|postgresql|sqlite-jdbc|elasticsearch-|hibernate-search-backend-elasticsearch-aws"
              + "|sdk-core|http-auth-aws|regions-|simple-java-mail|angus-mail|jmail|swagger-ui"
              + "|springdoc|plantuml).*\\.jar");

  @Test
  void noUnwantedJarIsOnTheClassPathOfANode() {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(path -> new File(path).getName())
            .filter(name -> name.endsWith(".jar"))
            .toList();
    assertTrue(jars.stream().anyMatch(jar -> jar.startsWith("hapi-fhir-jpaserver-base")), "HAPI");
    assertEquals(List.of(), jars.stream().filter(jar -> UNWANTED.matcher(jar).matches()).toList());
  }
}
