package org.openmrs.sync2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A configuration document, as a program keeps it, shows it and gives it to the engine. Immutable.
 *
 * <p>The password {@code parent.password} is a text; {@code {"env": NAME}}, which is no secret;
 * {@code {"sealed": TEXT}} in a document that is kept; or the mark {@code {"set": true}} in one
 * that is shown. Nothing here prints it.
 */
public final class ConfigurationDocument {

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final String PARENT = "parent";
  private static final String URL = "url";
  private static final String PASSWORD = "password";
  private static final String SEALED = "sealed";
  private static final String MARK = "set";

  private final ObjectNode root;

  private ConfigurationDocument(ObjectNode root) {
    this.root = root;
  }

  /** The document without any key. */
  public static ConfigurationDocument empty() {
    return new ConfigurationDocument(MAPPER.createObjectNode());
  }

  /**
   * Reads a document. What its keys mean, the engine checks.
   *
   * @throws SyncConfigurationException when it is no JSON object
   */
  public static ConfigurationDocument parse(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      // The message of the exception itself quotes the document.
      String where = " at line " + e.getLocation().getLineNr();
      throw new SyncConfigurationException("the document is not JSON" + where);
    }
    if (!root.isObject()) {
      throw new SyncConfigurationException("the document must be a JSON object");
    }
    return new ConfigurationDocument((ObjectNode) root);
  }

  /** The text of the document, JSON. */
  public String json() {
    return root.toString();
  }

  /** The text {@code parent.url}; null when there is none. */
  public String parentUrl() {
    return root.path(PARENT).path(URL).textValue();
  }

  /** This document and, for the sections that it does not have, those of another. */
  public ConfigurationDocument over(ConfigurationDocument defaults) {
    ObjectNode all = defaults.root.deepCopy();
    all.setAll(root.deepCopy());
    return new ConfigurationDocument(all);
  }

  /** With a mark in the place of the secret. */
  public ConfigurationDocument shown() {
    boolean secret = password().isTextual() || password().has(SEALED);
    return secret ? withPassword(MAPPER.createObjectNode().put(MARK, true)) : this;
  }

  /**
   * With the secret of another document in the place of the mark.
   *
   * @param kept the document that the mark was shown for
   * @throws SyncConfigurationException when it has none, or the secret would go to another address
   *     than the one it was given for
   */
  public ConfigurationDocument filled(ConfigurationDocument kept) {
    if (!password().has(MARK)) {
      return this;
    }
    if (kept.password().isMissingNode()) {
      throw refusal("must be given: none is kept yet");
    }
    if (!Objects.equals(root.get(PARENT).get(URL), kept.root.get(PARENT).get(URL))) {
      throw refusal("must be given again with another parent.url: it would be sent there");
    }
    return withPassword(kept.password());
  }

  /** With the secret sealed. */
  public ConfigurationDocument sealed(UnaryOperator<String> seal) {
    return password().isTextual()
        ? withPassword(MAPPER.createObjectNode().put(SEALED, seal.apply(password().textValue())))
        : this;
  }

  /** With the secret as it is, for the engine. */
  public ConfigurationDocument opened(UnaryOperator<String> open) {
    JsonNode sealed = password().path(SEALED);
    return sealed.isTextual() ? withPassword(root.textNode(open.apply(sealed.textValue()))) : this;
  }

  private JsonNode password() {
    return root.path(PARENT).path(PASSWORD);
  }

  private ConfigurationDocument withPassword(JsonNode password) {
    ObjectNode copy = root.deepCopy();
    ((ObjectNode) copy.get(PARENT)).set(PASSWORD, password);
    return new ConfigurationDocument(copy);
  }

  private static SyncConfigurationException refusal(String problem) {
    return new SyncConfigurationException(PARENT + "." + PASSWORD + ": " + problem);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return shown().json();
  }
}
