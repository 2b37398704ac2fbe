package org.openmrs.sync2.node;

import ca.uhn.fhir.jpa.model.dao.JpaPid;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.api.server.storage.TransactionDetails;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.openmrs.sync2.SyncDependent;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRejectedException;
import org.openmrs.sync2.jdbc.JdbcStatements;
import org.openmrs.sync2.node.MetadataStore.InvalidMetadataException;
import org.openmrs.sync2.node.MetadataStore.Metadata;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The node as the engine sees it. FHIR resources go through the server's own storage and metadata
 * through its table, in one database transaction with the engine's statements, bound to the calling
 * thread.
 *
 * <p>An exception inside a storage call marks the transaction for rollback only, so whether
 * something is here is asked in SQL before the storage is called.
 */
public final class NodeHost implements SyncHost {

  private static final String FHIR = "fhir";
  private static final String REST = "rest";

  /** By the ids alone: with the type beside them, H2 reads all resources of that type. */
  static final String RESOURCES_HERE =
      "SELECT RES_TYPE, FHIR_ID FROM HFJ_RESOURCE WHERE FHIR_ID = ANY(?)";

  static final String METADATA_HERE = "SELECT resource, uuid FROM rest_object WHERE uuid = ANY(?)";

  static final String DOCUMENTS_HERE =
      "SELECT r.RES_TYPE, r.FHIR_ID, v.RES_TEXT_VC, v.SOURCE_URI FROM HFJ_RESOURCE r"
          + " JOIN HFJ_RES_VER v ON v.RES_ID = r.RES_ID AND v.RES_VER = r.RES_VER"
          + " WHERE r.FHIR_ID = ANY(?) AND r.RES_DELETED_AT IS NULL";

  private final FhirStore store;
  private final MetadataStore metadata;
  private final String baseUrl;
  private final DataSource dataSource;
  private final PlatformTransactionManager transactions;

  private final StorageWays ways;

  /**
   * @param storage what HAPI remembers from one call to the next, above all the identities of what
   *     it has saved or looked for
   * @param expected documents that were loaded together for the reads that come next
   */
  private record Transaction(
      TransactionStatus status, TransactionDetails storage, Map<String, byte[]> expected) {}

  private final ThreadLocal<Transaction> open = new ThreadLocal<>();

  /**
   * 1.10 is another decimal than 1.1 in FHIR. Documents are written byte for byte as the engine
   * writes them, so that it sees at once when one is what it saved.
   */
  private final ObjectMapper mapper =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  NodeHost(
      FhirStore store,
      MetadataStore metadata,
      DataSource dataSource,
      String baseUrl,
      StorageWays ways) {
    this.store = store;
    this.metadata = metadata;
    this.dataSource = dataSource;
    this.baseUrl = baseUrl;
    this.ways = ways;
    this.transactions = store.transactionManager();
  }

  @Override
  public String databaseProduct() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return connection.getMetaData().getDatabaseProductName();
    }
  }

  @Override
  public void begin() {
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("This thread has a transaction already.");
    }
    TransactionStatus status = transactions.getTransaction(TransactionDefinition.withDefaults());
    open.set(new Transaction(status, new TransactionDetails(), new HashMap<>()));
  }

  @Override
  public void commit() {
    TransactionStatus status = transaction().status();
    open.remove();
    transactions.commit(status);
  }

  @Override
  public void rollback() {
    Transaction transaction = open.get();
    open.remove();
    if (transaction != null && !transaction.status().isCompleted()) {
      transactions.rollback(transaction.status());
    }
  }

  private Transaction transaction() {
    Transaction transaction = open.get();
    if (transaction == null) {
      throw new IllegalStateException("This thread has no transaction.");
    }
    return transaction;
  }

  private EntityManager session() {
    transaction();
    return EntityManagerFactoryUtils.getTransactionalEntityManager(store.entityManagerFactory());
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json) {
    transaction().expected().clear();
    try {
      switch (representation) {
        case FHIR -> saveResource(fhirCategory(category), uuid, json);
        case REST -> metadata.save(restCategory(category), uuid, parseMetadata(json));
        default -> throw unknownRepresentation(representation);
      }
    } catch (DataFormatException
        | UnprocessableEntityException
        | InvalidRequestException
        | PreconditionFailedException
        | InvalidMetadataException e) {
      // Not a version conflict: somebody else was quicker, and the next try sees what they did.
      throw rejected(e);
    }
  }

  private static SyncRejectedException rejected(RuntimeException cause) {
    SyncRejectedException rejection = new SyncRejectedException(cause.getMessage());
    rejection.initCause(cause);
    return rejection;
  }

  private void saveResource(NodeCategory category, String uuid, byte[] json) {
    IBaseResource resource =
        store.context().newJsonParser().parseResource(new String(json, StandardCharsets.UTF_8));
    if (!resource.fhirType().equals(category.fhirType())) {
      throw new InvalidRequestException(
          "The document is a "
              + resource.fhirType()
              + " where a "
              + category.fhirType()
              + " was expected.");
    }
    if (ways.unchangeableTypes().contains(category.fhirType())) {
      removeResource(category, uuid, CascadeOrder.alone());
    }
    ways.check(uuid, resource);
    // Without a version: that of the parent means nothing here.
    IdType id = new IdType(category.fhirType(), uuid);
    resource.setId(id);
    if (!transaction().storage().hasResolvedResourceId(id)) {
      // For what the storage remembers of it.
      row(category, uuid, false);
    }
    store
        .dao(category.fhirType())
        .update(
            resource,
            null,
            true,
            false,
            CascadeOrder.received().request(),
            transaction().storage());
    // Each flush looks at everything in the session, so a session that grows makes a batch
    // quadratic.
    clear();
  }

  private ObjectNode parseMetadata(byte[] json) {
    try {
      JsonNode document = mapper.readTree(json);
      if (document instanceof ObjectNode object) {
        return object;
      }
      throw new InvalidMetadataException("The document is not a JSON object.");
    } catch (JsonProcessingException e) {
      throw new InvalidMetadataException("The document is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new IllegalStateException("Reading from memory failed.", e);
    }
  }

  @Override
  public void remove(String representation, String category, String uuid, String action) {
    remove(representation, category, uuid, action, "");
  }

  @Override
  public void remove(
      String representation, String category, String uuid, String action, String reason) {
    transaction().expected().clear();
    switch (representation) {
      case FHIR -> removeResource(fhirCategory(category), uuid, CascadeOrder.removal(reason));
      case REST -> removeMetadata(restCategory(category), uuid, action);
      default -> throw unknownRepresentation(representation);
    }
  }

  private void removeResource(NodeCategory category, String uuid, CascadeOrder order) {
    ResourceRow row = row(category, uuid, false);
    if (row == null || row.removed()) {
      return;
    }
    try {
      store.dao(category.fhirType()).delete(new IdType(category.fhirType(), uuid), order.request());
    } catch (PreconditionFailedException | ResourceVersionConflictException e) {
      throw rejected(e);
    }
    session().flush();
  }

  @Override
  public byte[] dependents(String category, String uuid) {
    transaction();
    return SyncDependent.json(ways.dependents(category, uuid));
  }

  @Override
  public String[] whyRemoved(String[] categories, String[] uuids) {
    transaction();
    String[] reasons = new String[uuids.length];
    for (int i = 0; i < uuids.length; i++) {
      reasons[i] = ways.whyRemoved(categories[i], uuids[i]);
    }
    return reasons;
  }

  /** Only a purge removes metadata: what is retired is a document like any other. */
  private void removeMetadata(NodeCategory category, String uuid, String action) {
    if (!action.equals("DELETED")) {
      throw new SyncRejectedException(
          "The parent removed this metadata with the event "
              + action
              + ", which is no purge: it stays here. If it is unwanted, purge it by hand.");
    }
    metadata.purge(category, uuid);
  }

  @Override
  public void clear() {
    EntityManager session = session();
    session.flush();
    session.clear();
  }

  /** Reads FHIR resources with one query; metadata is little. */
  @Override
  public void expectReads(String representation, String[] categories, String[] uuids) {
    if (!representation.equals(FHIR)) {
      return;
    }
    Map<String, byte[]> expected = transaction().expected();
    for (Object[] row : query(DOCUMENTS_HERE, new Object[] {uuids})) {
      String reference = row[0] + "/" + row[1];
      expected.put(
          reference, document(reference, (String) row[1], (String) row[2], (String) row[3]));
    }
  }

  @Override
  public byte[] read(String representation, String category, String uuid, boolean lock) {
    transaction();
    return switch (representation) {
      case FHIR -> readResource(fhirCategory(category), uuid, lock);
      case REST -> readMetadata(restCategory(category), uuid, lock);
      default -> throw unknownRepresentation(representation);
    };
  }

  private byte[] readResource(NodeCategory category, String uuid, boolean lock) {
    byte[] expected = transaction().expected().remove(category.fhirType() + "/" + uuid);
    if (expected != null && !lock) {
      return expected;
    }
    ResourceRow row = row(category, uuid, lock);
    if (row == null) {
      return null;
    }
    if (row.removed()) {
      return REMOVED;
    }
    Object[] stored =
        query(
            "SELECT RES_TEXT_VC, SOURCE_URI FROM HFJ_RES_VER WHERE RES_ID = ? AND RES_VER = ?",
            new Object[] {row.id(), row.version()})[0];
    String reference = category.fhirType() + "/" + uuid;
    return document(reference, uuid, (String) stored[0], (String) stored[1]);
  }

  /**
   * The text that HAPI has stored, with what it keeps beside it: the id and the source, but not its
   * own version and time, which are no content. HAPI itself would make an object of the text and
   * write that out.
   */
  private byte[] document(String reference, String uuid, String text, String source) {
    try {
      ObjectNode document = (ObjectNode) mapper.readTree(text);
      document.put("id", uuid);
      if (source != null) {
        document.withObject("/meta").put("source", source);
      }
      return mapper.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The stored document of " + reference + " is no JSON.", e);
    }
  }

  /** Where HAPI keeps a resource. */
  private record ResourceRow(long id, boolean removed, long version) {}

  /**
   * Null when there never was such a resource. The storage remembers either, and builds no query of
   * its own to find out.
   */
  private ResourceRow row(NodeCategory category, String uuid, boolean lock) {
    ResourceRow row = storedRow(category, uuid, lock);
    transaction()
        .storage()
        .addResolvedResourceId(
            new IdType(category.fhirType(), uuid), row == null ? null : JpaPid.fromId(row.id()));
    return row;
  }

  private ResourceRow storedRow(NodeCategory category, String uuid, boolean lock) {
    String statement =
        "SELECT RES_ID, RES_DELETED_AT IS NOT NULL, RES_VER FROM HFJ_RESOURCE"
            + " WHERE FHIR_ID = ? AND RES_TYPE = ?";
    Object[][] rows =
        query(
            lock ? statement + " FOR UPDATE" : statement, new Object[] {uuid, category.fhirType()});
    if (rows.length == 0) {
      return null;
    }
    Object[] found = rows[0];
    return new ResourceRow((Long) found[0], (Long) found[1] != 0, (Long) found[2]);
  }

  private byte[] readMetadata(NodeCategory category, String uuid, boolean lock) {
    Metadata found = lock ? metadata.readLocked(category, uuid) : metadata.read(category, uuid);
    if (found == null) {
      return null;
    }
    return found.full(baseUrl).toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean[] exists(String[] categories, String[] uuids) {
    transaction();
    Set<String> here = new HashSet<>();
    for (String statement : List.of(RESOURCES_HERE, METADATA_HERE)) {
      for (Object[] row : query(statement, new Object[] {uuids})) {
        here.add(row[0] + "/" + row[1]);
      }
    }
    boolean[] exist = new boolean[uuids.length];
    for (int i = 0; i < uuids.length; i++) {
      NodeCategory category = NodeCategory.ofFeedName(categories[i]);
      exist[i] = category != null && here.contains(category.storedType() + "/" + uuids[i]);
    }
    return exist;
  }

  @Override
  public String[] list(String name, String after, int most) {
    transaction();
    NodeCategory category = NodeCategory.ofFeedName(name);
    if (category == null) {
      return null;
    }
    String from = after == null ? "" : after;
    Object[][] rows =
        category.fhirType() != null
            ? query(
                "SELECT FHIR_ID FROM HFJ_RESOURCE WHERE RES_TYPE = ? AND FHIR_ID > ?"
                    + " ORDER BY FHIR_ID LIMIT ?",
                new Object[] {category.fhirType(), from, (long) most})
            : query(
                "SELECT uuid FROM rest_object WHERE resource = ? AND uuid > ?"
                    + " ORDER BY uuid LIMIT ?",
                new Object[] {category.restResource(), from, (long) most});
    return Arrays.stream(rows).map(row -> (String) row[0]).toArray(String[]::new);
  }

  @Override
  public long update(String statement, Object[] parameters) throws SQLException {
    return JdbcStatements.update(connection(), statement, parameters);
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws SQLException {
    return JdbcStatements.updateAll(connection(), statement, rows);
  }

  @Override
  public Object[][] query(String statement, Object[] parameters) {
    try {
      return JdbcStatements.query(connection(), statement, parameters);
    } catch (SQLException e) {
      throw new UncategorizedSQLException("query", statement, e);
    }
  }

  /** The connection of the thread's transaction, which closes it. */
  private Connection connection() {
    transaction();
    return DataSourceUtils.getConnection(dataSource);
  }

  private static NodeCategory fhirCategory(String name) {
    NodeCategory category = NodeCategory.ofFeedName(name);
    if (category == null || category.fhirType() == null) {
      throw new IllegalArgumentException(
          "This node has no FHIR resources for the category " + name + ".");
    }
    return category;
  }

  private static NodeCategory restCategory(String name) {
    NodeCategory category = NodeCategory.ofFeedName(name);
    if (category == null || category.fhirType() != null) {
      throw new IllegalArgumentException(
          "This node has no REST metadata for the category " + name + ".");
    }
    return category;
  }

  private static IllegalArgumentException unknownRepresentation(String representation) {
    return new IllegalArgumentException(
        "This node does not know the representation " + representation + ".");
  }
}
