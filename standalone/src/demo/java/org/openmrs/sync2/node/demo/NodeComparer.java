package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what two nodes have, over HTTP: the ids that each of them lists, and the documents
 * behind those that both have. Blocks; holds the ids of one kind and few documents at a time.
 */
final class NodeComparer {

  private static final int DOCUMENTS_AT_ONCE = 50;
  private static final int EXAMPLES = 5;

  private final NodeClient parent;
  private final NodeClient child;
  private final Progress progress;

  NodeComparer(NodeClient parent, NodeClient child, Progress progress) {
    this.parent = parent;
    this.child = child;
    this.progress = progress;
  }

  /** Compares every kind that at least one of the two has objects of. */
  List<KindComparison> compare() throws IOException {
    List<KindComparison> results = new ArrayList<>();
    for (ObjectKind kind : ObjectKind.values()) {
      KindComparison result = compare(kind);
      if (result.compared() > 0) {
        results.add(result);
      }
    }
    return results;
  }

  private KindComparison compare(ObjectKind kind) throws IOException {
    Set<String> parentIds = ids(parent, kind);
    Set<String> childIds = ids(child, kind);
    Set<String> missing = without(parentIds, childIds);
    Set<String> extra = without(childIds, parentIds);
    List<String> examples = new ArrayList<>();
    missing.stream().limit(EXAMPLES).forEach(id -> examples.add(key(kind, id) + " is missing"));
    extra.stream().limit(EXAMPLES).forEach(id -> examples.add(key(kind, id) + " is extra"));
    int both = parentIds.size() - missing.size();
    int different = countDifferent(kind, without(parentIds, missing), examples);
    return new KindComparison(
        kind,
        parentIds.size(),
        childIds.size(),
        both - different,
        different,
        missing.size(),
        extra.size(),
        List.copyOf(examples));
  }

  private static Set<String> ids(NodeClient node, ObjectKind kind) throws IOException {
    Set<String> ids = new TreeSet<>();
    node.forEachId(kind, ids::add);
    return ids;
  }

  private static Set<String> without(Set<String> all, Set<String> others) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(others);
    return rest;
  }

  private int countDifferent(ObjectKind kind, Set<String> ids, List<String> examples)
      throws IOException {
    int different = 0;
    List<String> all = List.copyOf(ids);
    for (int from = 0; from < all.size(); from += DOCUMENTS_AT_ONCE) {
      List<String> some = all.subList(from, Math.min(from + DOCUMENTS_AT_ONCE, all.size()));
      Map<String, ObjectNode> parents = documents(parent, kind, some);
      Map<String, ObjectNode> children = documents(child, kind, some);
      for (String id : some) {
        List<String> paths = differences(kind, parents.get(id), children.get(id));
        if (!paths.isEmpty()) {
          different++;
          remember(examples, key(kind, id) + " differs at " + first(paths));
        }
        progress.advance();
      }
    }
    return different;
  }

  private static Map<String, ObjectNode> documents(
      NodeClient node, ObjectKind kind, List<String> ids) throws IOException {
    Map<String, ObjectNode> documents = new HashMap<>();
    String idField = kind.form() == ObjectKind.Form.FHIR ? "id" : "uuid";
    node.forEachDocument(
        kind, ids, document -> documents.put(document.path(idField).asText(), document));
    return documents;
  }

  /** A node that lists an object and then does not give it counts as different. */
  private static List<String> differences(ObjectKind kind, ObjectNode parent, ObjectNode child) {
    if (parent == null || child == null) {
      return List.of("(listed, but not given)");
    }
    return DocumentDifference.paths(kind.form(), parent, child);
  }

  private static void remember(List<String> examples, String example) {
    if (examples.size() < EXAMPLES) {
      examples.add(example);
    }
  }

  private static String first(List<String> paths) {
    String some = String.join(", ", paths.subList(0, Math.min(EXAMPLES, paths.size())));
    return paths.size() > EXAMPLES ? some + ", …" : some;
  }

  private static String key(ObjectKind kind, String id) {
    return kind.type() + "/" + id;
  }
}
