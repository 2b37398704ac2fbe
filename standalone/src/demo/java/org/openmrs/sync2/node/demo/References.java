package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** The literal references ({@code Reference.reference}) of FHIR documents. */
final class References {

  private static final String FIELD = "reference";

  private static final Pattern RELATIVE =
      Pattern.compile("[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.\\-]{1,64}");

  private References() {}

  /** The relative references of a document, such as {@code Patient/ID}. */
  static Set<String> of(JsonNode document) {
    Set<String> found = new LinkedHashSet<>();
    collect(document, found);
    return found;
  }

  private static void collect(JsonNode node, Set<String> found) {
    if (isReference(node) && isRelative(node.get(FIELD).textValue())) {
      found.add(node.get(FIELD).textValue());
    }
    node.forEach(child -> collect(child, found));
  }

  /** Returns true if a reference names an object of the same server by type and id. */
  static boolean isRelative(String reference) {
    return RELATIVE.matcher(reference).matches();
  }

  /**
   * Replaces every reference by what {@code target} makes of its path (as {@code subject} or {@code
   * participant.individual}) and text. One that it makes nothing of is taken out, with the elements
   * that are empty then.
   */
  static void rewrite(ObjectNode document, BiFunction<String, String, Optional<String>> target) {
    rewriteObject(document, "", target);
  }

  private static void rewriteObject(
      ObjectNode object, String path, BiFunction<String, String, Optional<String>> target) {
    if (isReference(object)) {
      target
          .apply(path, object.get(FIELD).textValue())
          .ifPresentOrElse(text -> object.put(FIELD, text), () -> object.remove(FIELD));
    }
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      JsonNode child = object.get(name);
      if (rewriteContainer(child, path.isEmpty() ? name : path + "." + name, target)) {
        names.remove();
      }
    }
  }

  /** Returns true if the node became empty. */
  private static boolean rewriteContainer(
      JsonNode node, String path, BiFunction<String, String, Optional<String>> target) {
    if (!node.isContainerNode() || node.isEmpty()) {
      return false;
    }
    if (node instanceof ObjectNode object) {
      rewriteObject(object, path, target);
    } else {
      rewriteArray((ArrayNode) node, path, target);
    }
    return node.isEmpty();
  }

  private static void rewriteArray(
      ArrayNode array, String path, BiFunction<String, String, Optional<String>> target) {
    for (Iterator<JsonNode> items = array.elements(); items.hasNext(); ) {
      if (rewriteContainer(items.next(), path, target)) {
        items.remove();
      }
    }
  }

  private static boolean isReference(JsonNode node) {
    return node.isObject() && node.path(FIELD).isTextual();
  }
}
