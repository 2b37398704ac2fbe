package org.openmrs.sync2.signatures;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.InnerClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Where declared classes would link or behave otherwise than the real ones.
 *
 * <p>Less may be declared than there is: members, and levels of the class hierarchy. What is
 * declared has to be there, the same.
 */
final class Differences {

  private static final int VISIBLE = Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED;
  private static final int OF_CLASSES =
      VISIBLE
          | Opcodes.ACC_STATIC
          | Opcodes.ACC_ABSTRACT
          | Opcodes.ACC_INTERFACE
          | Opcodes.ACC_ANNOTATION
          | Opcodes.ACC_ENUM;
  private static final int OF_METHODS =
      VISIBLE | Opcodes.ACC_STATIC | Opcodes.ACC_ABSTRACT | Opcodes.ACC_VARARGS;
  private static final int OF_FIELDS = VISIBLE | Opcodes.ACC_STATIC | Opcodes.ACC_ENUM;

  private final ClassFiles real;
  private final List<String> found = new ArrayList<>();

  /**
   * Compares with these classes.
   *
   * @param real the real ones, and all that they inherit from
   */
  Differences(ClassFiles real) {
    this.real = real;
  }

  /** What has been found so far: a line each, with the class or member that it is about. */
  List<String> found() {
    return found;
  }

  /** Compares one declared class with the real one of its name. */
  void compare(ClassNode declared) throws IOException {
    Optional<ClassNode> same = real.find(declared.name);
    if (!same.isPresent()) {
      found.add(declared.name + " does not exist");
      return;
    }
    List<ClassNode> hierarchy = real.withAncestors(same.get());
    compareModifiers(declared.name, access(declared), access(same.get()), OF_CLASSES);
    compareParents(declared, hierarchy);
    for (MethodNode method : declared.methods) {
      if (isApi(method.access)) {
        compareMethod(declared, method, hierarchy);
      }
    }
    for (FieldNode field : declared.fields) {
      if (isApi(field.access)) {
        compareField(declared, field, hierarchy);
      }
    }
  }

  private void compareParents(ClassNode declared, List<ClassNode> hierarchy) {
    for (String parent : ClassFiles.parents(declared)) {
      if (hierarchy.stream().noneMatch(type -> type.name.equals(parent))) {
        found.add(declared.name + " does not inherit from " + parent);
      }
    }
  }

  private void compareMethod(ClassNode declared, MethodNode method, List<ClassNode> hierarchy) {
    String what = declared.name + "." + method.name + method.desc;
    // Constructors are not inherited.
    List<ClassNode> owners = method.name.equals("<init>") ? hierarchy.subList(0, 1) : hierarchy;
    Optional<MethodNode> same =
        owners.stream()
            .flatMap(type -> type.methods.stream())
            .filter(m -> m.name.equals(method.name) && m.desc.equals(method.desc))
            .findFirst();
    if (same.isPresent()) {
      compareModifiers(what, method.access, same.get().access, OF_METHODS);
    } else {
      found.add(what + " does not exist");
    }
  }

  private void compareField(ClassNode declared, FieldNode field, List<ClassNode> hierarchy) {
    String what = declared.name + "." + field.name + " " + field.desc;
    Optional<FieldNode> same =
        hierarchy.stream()
            .flatMap(type -> type.fields.stream())
            .filter(f -> f.name.equals(field.name) && f.desc.equals(field.desc))
            .findFirst();
    if (!same.isPresent()) {
      found.add(what + " does not exist");
      return;
    }
    compareModifiers(what, field.access, same.get().access, OF_FIELDS);
    // The compiler copies constants into the classes that use them.
    if (!Objects.equals(field.value, same.get().value)) {
      found.add(what + " is " + same.get().value + ", not " + field.value);
    }
  }

  private void compareModifiers(String what, int declared, int real, int mask) {
    if ((declared & mask) != (real & mask)) {
      found.add(
          String.format(
              "%s is [%s], not [%s]",
              what, Modifier.toString(real & mask), Modifier.toString(declared & mask)));
    }
  }

  private static boolean isApi(int access) {
    return (access & VISIBLE) != 0 && (access & Opcodes.ACC_SYNTHETIC) == 0;
  }

  /** What the source says of a nested class is not in its own access flags. */
  private static int access(ClassNode type) {
    return type.innerClasses.stream()
        .filter(inner -> inner.name.equals(type.name))
        .mapToInt((InnerClassNode inner) -> inner.access)
        .findFirst()
        .orElse(type.access);
  }
}
