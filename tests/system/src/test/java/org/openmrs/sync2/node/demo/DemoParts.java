package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** The demo's generator, loader and comparisons, for the system tests. */
public final class DemoParts {

  /**
   * The account that both nodes of a test have.
   *
   * @param username the name
   * @param password the password
   */
  public record Account(String username, String password) {}

  private DemoParts() {}

  /** Loads made-up patients, and the site that they belong to, into a node. */
  public static void load(URI node, Account account, GeneratedData data) throws IOException {
    GeneratedSource source = new GeneratedSource(data.seed(), data.patients());
    try (Progress progress = new Progress(System.out, false, "Loading " + node, source.size())) {
      new NodeLoader(client(node, account), progress).load(source);
    }
  }

  /**
   * Which data is made up.
   *
   * @param seed another seed gives other objects
   * @param patients how many patients
   */
  public record GeneratedData(long seed, int patients) {}

  /** What the demo's comparer finds unequal between two nodes; empty when all is equal. */
  public static List<String> unequal(URI parent, URI child, Account account) throws IOException {
    try (Progress progress = new Progress(System.out, false, "Comparing", 0)) {
      return new NodeComparer(client(parent, account), client(child, account), progress)
          .compare().stream()
              .filter(kind -> kind.unequal() > 0)
              .map(KindComparison::toString)
              .toList();
    }
  }

  /** The paths at which two documents differ; REST documents are those without resourceType. */
  public static List<String> differences(ObjectNode parent, ObjectNode child) {
    ObjectKind.Form form = parent.has("resourceType") ? ObjectKind.Form.FHIR : ObjectKind.Form.REST;
    return DocumentDifference.paths(form, parent, child);
  }

  private static NodeClient client(URI node, Account account) {
    return new NodeClient(node, account.username(), account.password());
  }
}
