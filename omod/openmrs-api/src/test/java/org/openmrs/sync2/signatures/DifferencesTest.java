package org.openmrs.sync2.signatures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compiles a declared and a real class of the same name, and compares them. */
class DifferencesTest {

  private static final String REAL =
      "abstract class Base { public void inherited() {} }"
          + " public class Thing extends Base implements Runnable {"
          + " public static final String CODE = \"a\";"
          + " public Thing(int size) {}"
          + " public String name() { return null; }"
          + " public static int count() { return 0; }"
          + " public void run() {} }";

  @TempDir Path folder;

  @Test
  void lessMayBeDeclared() throws Exception {
    assertEquals(
        Collections.emptyList(),
        differences(
            "public class Thing implements Runnable {"
                + " public static final String CODE = \"a\";"
                + " public Thing(int size) {}"
                + " public void inherited() {}"
                + " public void run() {} }"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "public Object name() { return null; }       | Thing.name()Ljava/lang/Object; does not"
            + " exist",
        "public String other() { return null; }      | Thing.other()Ljava/lang/String; does not"
            + " exist",
        "public int count() { return 0; }            | Thing.count()I is [public static], not"
            + " [public]",
        "protected void inherited() {}               | Thing.inherited()V is [public], not"
            + " [protected]",
        "public static final String CODE = \"b\";    | Thing.CODE Ljava/lang/String; is a, not b",
        "public static String CODE2;                 | Thing.CODE2 Ljava/lang/String; does not"
            + " exist",
        "public Thing(long size) {}                  | Thing.<init>(J)V does not exist",
      })
  void aMemberThatDiffersIsNamed(String member, String difference) throws Exception {
    String constructor = member.contains("Thing(") ? "" : "public Thing(int size) {} ";
    assertEquals(
        Collections.singletonList(difference),
        differences("public class Thing { " + constructor + member + " }"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "public abstract class Thing { public Thing(int i) {} } | Thing is [public], not [public"
            + " abstract]",
        "public class Thing extends Thread { public Thing(int i) {} } | Thing does not inherit from"
            + " java/lang/Thread",
        "public class Other { private Other() {} }       | Other does not exist",
      })
  void aClassThatDiffersIsNamed(String declared, String difference) throws Exception {
    assertEquals(Collections.singletonList(difference), differences(declared));
  }

  private List<String> differences(String declared) throws IOException {
    Path real = compile("real", REAL);
    Path ours = compile("declared", declared);
    try (URLClassLoader classes = new URLClassLoader(new URL[] {real.toUri().toURL()}, null)) {
      Differences differences = new Differences(new ClassFiles(classes));
      String name = declared.contains("class Other") ? "Other" : "Thing";
      try (InputStream file = Files.newInputStream(ours.resolve(name + ".class"))) {
        differences.compare(ClassFiles.parse(file));
      }
      return differences.found();
    }
  }

  private Path compile(String name, String source) throws IOException {
    Path output = Files.createDirectory(folder.resolve(name));
    Path file = output.resolve(source.contains("class Other") ? "Other.java" : "Thing.java");
    Files.write(file, Arrays.asList(source));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", output.toString(), file.toString());
    assertEquals(0, result);
    return output;
  }
}
