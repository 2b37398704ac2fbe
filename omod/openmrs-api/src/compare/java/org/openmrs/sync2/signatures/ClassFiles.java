package org.openmrs.sync2.signatures;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.ClassNode;

/**
 * Class files by name. They are read, not loaded: what they refer to need not be there.
 *
 * <p>Names are internal ones, such as {@code org/openmrs/Patient}.
 */
final class ClassFiles {

  private static final int SIGNATURES_ONLY =
      ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES;

  private final ClassLoader source;

  /**
   * Reads from a class loader.
   *
   * @param source where the files are looked for, after its parents
   */
  ClassFiles(ClassLoader source) {
    this.source = source;
  }

  /** The class of that name; empty when there is none. */
  Optional<ClassNode> find(String name) throws IOException {
    try (InputStream file = source.getResourceAsStream(name + ".class")) {
      return file == null ? Optional.empty() : Optional.of(parse(file));
    }
  }

  /** A class with all that it inherits from, itself first and then as Java looks members up. */
  List<ClassNode> withAncestors(ClassNode type) throws IOException {
    Map<String, ClassNode> found = new LinkedHashMap<>();
    addWithAncestors(type, found);
    return new ArrayList<>(found.values());
  }

  private void addWithAncestors(ClassNode type, Map<String, ClassNode> found) throws IOException {
    if (found.putIfAbsent(type.name, type) != null) {
      return;
    }
    for (String parent : parents(type)) {
      ClassNode ancestor =
          find(parent)
              .orElseThrow(
                  () -> new IOException(parent + ", which " + type.name + " needs, is missing"));
      addWithAncestors(ancestor, found);
    }
  }

  /** The direct superclass, when there is one, and then the direct interfaces. */
  static List<String> parents(ClassNode type) {
    List<String> parents = new ArrayList<>();
    if (type.superName != null) {
      parents.add(type.superName);
    }
    parents.addAll(type.interfaces);
    return parents;
  }

  static ClassNode parse(InputStream file) throws IOException {
    ClassNode type = new ClassNode();
    new ClassReader(read(file)).accept(type, SIGNATURES_ONLY);
    return type;
  }

  private static byte[] read(InputStream file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int length = file.read(buffer); length >= 0; length = file.read(buffer)) {
      bytes.write(buffer, 0, length);
    }
    return bytes.toByteArray();
  }
}
