package org.openmrs.sync2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * The decision of a person about a conflict, and why. The engine says whether it fits the conflict
 * when it is carried out. Does not change: each method gives another one.
 */
public final class SyncDecision {

  private final ObjectNode written;
  private final String by;

  private SyncDecision(ObjectNode written, String by) {
    this.written = written;
    this.by = by;
  }

  /**
   * A choice that needs nothing more.
   *
   * @param choice {@code ours} or {@code theirs}: where both sides changed the same, it is as it is
   *     here or at the parent; {@code newest}: as who wrote last has it; {@code keep} or {@code
   *     apply} of a removal: the object stays or is removed on both sides
   * @param reason why, for who looks at the audit later: 1 to 500 characters
   */
  public static SyncDecision of(String choice, String reason) {
    ObjectNode written = Json.MAPPER.createObjectNode();
    return new SyncDecision(written.put("choice", choice).put("reason", reason), "");
  }

  /**
   * Each place in dispute by itself.
   *
   * @param sides {@code ours} or {@code theirs} by the path of the place; all have to be named
   * @param reason see {@link #of}
   */
  public static SyncDecision fields(Map<String, String> sides, String reason) {
    SyncDecision decision = of("fields", reason);
    decision.written.set("fields", Json.MAPPER.valueToTree(sides));
    return decision;
  }

  /**
   * Neither side: a document that holds on both from now on.
   *
   * @param json the document, UTF-8, in the representation that the conflict has
   * @param reason see {@link #of}
   * @throws IllegalStateException when it is not JSON
   */
  public static SyncDecision document(byte[] json, String reason) {
    JsonNode document = Json.tree(json);
    SyncDecision decision = of("document", reason);
    decision.written.set("document", document);
    return decision;
  }

  /**
   * The same, on what a person was shown: if either side has changed since, nothing is done.
   * Without it, what was noticed last counts as shown.
   *
   * @param version that {@link SyncEngine#conflict} gave
   */
  public SyncDecision onVersion(String version) {
    return new SyncDecision(written.deepCopy().put("version", version), by);
  }

  /**
   * The same, made by the user of that account, whom the audit names. Without it, by the program
   * itself.
   */
  public SyncDecision by(String account) {
    return new SyncDecision(written, account);
  }

  String account() {
    return by;
  }

  /** As it stands in a request. */
  ObjectNode body() {
    return written.deepCopy();
  }
}
