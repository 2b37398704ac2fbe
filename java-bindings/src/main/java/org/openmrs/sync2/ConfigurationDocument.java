package org.openmrs.sync2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A configuration document, as a program keeps it, shows it and gives it to the engine. Immutable.
 *
 * <p>It has secrets: the {@code password} of each of the sections {@link #SECTIONS}, which goes to
 * the {@code url} of that section. A secret is a text; {@code {"env": NAME}}, which names one and
 * is none; {@code {"sealed": TEXT}} in a document that is kept; or the mark {@code {"set": true}}
 * in one that is shown. Nothing here prints it. What is done with one is done with all.
 */
public final class ConfigurationDocument {

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The sections with a secret, each with the address that it goes to. */
  static final List<String> SECTIONS =
      Collections.unmodifiableList(Arrays.asList("parent", "local"));

  /** The prefix of environment variables that may be named over HTTP. */
  static final String VARIABLES = "SYNC2_";

  private static final String PARENT = "parent";
  private static final String ENVIRONMENT = "env";
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

  /** The text {@code parent.caFile}; null when there is none. */
  private String certificates() {
    return root.path(PARENT).path("caFile").textValue();
  }

  /** With a mark in the place of each secret. Only the name of an environment variable is none. */
  public ConfigurationDocument shown() {
    return withSecrets(
        (section, secret) ->
            secret.has(ENVIRONMENT) && secret.size() == 1
                ? secret
                : MAPPER.createObjectNode().put(MARK, true));
  }

  /**
   * A document that came over HTTP, with the secrets of another one in the places of their marks.
   * Who sends it may be anybody who may configure this server, and gets no secret by it: what is
   * kept goes nowhere but where it was given for, and only what is meant for it is taken from the
   * environment. Nor does he have this server open another file than one of certificates.
   *
   * @param kept the document that the marks were shown for
   * @param certificates what {@code parent.caFile} may be, unless it is the one that is kept
   * @throws SyncConfigurationException when a mark has no secret, when a secret would go to another
   *     address than the one it was given for, when a text is sealed that is not the one that is
   *     kept, when a variable is named that is none of {@link #VARIABLES}, or when the file is none
   *     of the certificates
   */
  public ConfigurationDocument filled(ConfigurationDocument kept, CertificateFiles certificates) {
    String file = certificates();
    if (file != null && !file.equals(kept.certificates())) {
      certificates.check(file);
    }
    return withSecrets((section, secret) -> filled(section, secret, kept));
  }

  private JsonNode filled(String section, JsonNode secret, ConfigurationDocument kept) {
    if (!secret.isObject()) {
      return secret;
    }
    JsonNode before = kept.secret(section);
    boolean isKept = secret.has(MARK) || secret.equals(before);
    if (secret.has(MARK) && before.isMissingNode()) {
      throw refusal(section, "must be given: none is kept yet");
    }
    if (!isKept && secret.has(SEALED)) {
      throw refusal(section, "is sealed, but is not the one that is kept: give it as a text");
    }
    if (!isKept && !secret.path(ENVIRONMENT).asText().startsWith(VARIABLES)) {
      throw refusal(
          section, "may name environment variables that begin with " + VARIABLES + " only");
    }
    if (!before.isMissingNode() && !url(section).equals(kept.url(section))) {
      throw refusal(
          section, "must be given again, as a text, with another url: it would be sent there");
    }
    return isKept ? before : secret;
  }

  /** With each secret that is a text sealed. */
  public ConfigurationDocument sealed(UnaryOperator<String> seal) {
    return withSecrets(
        (section, secret) ->
            secret.isTextual()
                ? MAPPER.createObjectNode().put(SEALED, seal.apply(secret.textValue()))
                : secret);
  }

  /** With the secrets as they are, for the engine. */
  public ConfigurationDocument opened(UnaryOperator<String> open) {
    return withSecrets(
        (section, secret) ->
            secret.path(SEALED).isTextual()
                ? root.textNode(opened(section, secret.path(SEALED).textValue(), open))
                : secret);
  }

  private static String opened(String section, String sealed, UnaryOperator<String> open) {
    try {
      return open.apply(sealed);
    } catch (SyncConfigurationException e) {
      throw refusal(section, e.getMessage());
    }
  }

  /** For a check of which the answer must not tell which environment variables there are. */
  public ConfigurationDocument withoutEnvironment() {
    return withSecrets(
        (section, secret) ->
            secret.path(ENVIRONMENT).isTextual() && secret.size() == 1
                ? root.textNode(ENVIRONMENT)
                : secret);
  }

  private JsonNode secret(String section) {
    return root.path(section).path(PASSWORD);
  }

  private JsonNode url(String section) {
    return root.path(section).path(URL);
  }

  /** With other secrets in the places of those that are there. */
  private ConfigurationDocument withSecrets(SecretChange change) {
    ObjectNode copy = root.deepCopy();
    for (String section : SECTIONS) {
      if (!secret(section).isMissingNode()) {
        ((ObjectNode) copy.get(section)).set(PASSWORD, change.apply(section, secret(section)));
      }
    }
    return new ConfigurationDocument(copy);
  }

  /** The treatment of the secret of a section. */
  private interface SecretChange {
    JsonNode apply(String section, JsonNode secret);
  }

  private static SyncConfigurationException refusal(String section, String problem) {
    return new SyncConfigurationException(section + "." + PASSWORD + ": " + problem);
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return shown().json();
  }
}
