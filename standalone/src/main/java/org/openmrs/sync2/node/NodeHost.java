package org.openmrs.sync2.node;

import ca.uhn.fhir.jpa.model.dao.JpaPid;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.api.server.SystemRequestDetails;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.openmrs.sync2.SyncHost;
import org.openmrs.sync2.SyncRejectedException;
import org.openmrs.sync2.node.MetadataStore.InvalidMetadataException;
import org.openmrs.sync2.node.MetadataStore.Metadata;
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

  private final FhirStore store;
  private final MetadataStore metadata;
  private final String baseUrl;
  private final DataSource dataSource;
  private final PlatformTransactionManager transactions;

  /** FHIR types that the storage does not change in place. */
  private final Set<String> unchangeableTypes;

  private final ThreadLocal<TransactionStatus> open = new ThreadLocal<>();
  private final ObjectMapper mapper = new ObjectMapper();

  NodeHost(
      FhirStore store,
      MetadataStore metadata,
      DataSource dataSource,
      String baseUrl,
      Set<String> unchangeableTypes) {
    this.store = store;
    this.metadata = metadata;
    this.dataSource = dataSource;
    this.baseUrl = baseUrl;
    this.unchangeableTypes = unchangeableTypes;
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
    open.set(transactions.getTransaction(TransactionDefinition.withDefaults()));
  }

  @Override
  public void commit() {
    TransactionStatus status = transaction();
    open.remove();
    transactions.commit(status);
  }

  @Override
  public void rollback() {
    TransactionStatus status = open.get();
    open.remove();
    if (status != null && !status.isCompleted()) {
      transactions.rollback(status);
    }
  }

  private TransactionStatus transaction() {
    TransactionStatus status = open.get();
    if (status == null) {
      throw new IllegalStateException("This thread has no transaction.");
    }
    return status;
  }

  private EntityManager session() {
    transaction();
    return EntityManagerFactoryUtils.getTransactionalEntityManager(store.entityManagerFactory());
  }

  @Override
  public void save(String representation, String category, String uuid, byte[] json) {
    transaction();
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
    if (unchangeableTypes.contains(category.fhirType())) {
      removeResource(category, uuid);
    }
    // Without a version: that of the parent means nothing here.
    resource.setId(new IdType(category.fhirType(), uuid));
    store.dao(category.fhirType()).update(resource, new SystemRequestDetails());
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
    transaction();
    switch (representation) {
      case FHIR -> removeResource(fhirCategory(category), uuid);
      case REST -> removeMetadata(restCategory(category), uuid, action);
      default -> throw unknownRepresentation(representation);
    }
  }

  private void removeResource(NodeCategory category, String uuid) {
    ResourceRow row = row(category, uuid, false);
    if (row == null || row.removed()) {
      return;
    }
    try {
      store
          .dao(category.fhirType())
          .delete(new IdType(category.fhirType(), uuid), new SystemRequestDetails());
    } catch (PreconditionFailedException | ResourceVersionConflictException e) {
      throw rejected(e);
    }
    session().flush();
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
    ResourceRow row = row(category, uuid, lock);
    if (row == null) {
      return null;
    }
    if (row.removed()) {
      return REMOVED;
    }
    // What the session has read before may be old. And each query looks whether anything in the
    // session is to be flushed, so reading many in one session would be quadratic. Nothing is:
    // whatever writes here flushes.
    session().clear();
    IBaseResource resource = store.dao(category.fhirType()).readByPid(JpaPid.fromId(row.id()));
    return store
        .context()
        .newJsonParser()
        .encodeResourceToString(resource)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Where HAPI keeps a resource. */
  private record ResourceRow(long id, boolean removed) {}

  private ResourceRow row(NodeCategory category, String uuid, boolean lock) {
    String statement =
        "SELECT RES_ID, RES_DELETED_AT IS NOT NULL FROM HFJ_RESOURCE WHERE FHIR_ID = ? AND RES_TYPE"
            + " = ?";
    List<Object[]> rows =
        statements().query(lock ? statement + " FOR UPDATE" : statement, uuid, category.fhirType());
    return rows.isEmpty()
        ? null
        : new ResourceRow((Long) rows.get(0)[0], (Long) rows.get(0)[1] != 0);
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
    Map<String, List<String>> asked = new TreeMap<>();
    for (int i = 0; i < uuids.length; i++) {
      asked.computeIfAbsent(categories[i], name -> new ArrayList<>()).add(uuids[i]);
    }
    Map<String, Set<String>> here = new TreeMap<>();
    asked.forEach((name, of) -> here.put(name, here(name, of)));
    boolean[] exist = new boolean[uuids.length];
    for (int i = 0; i < uuids.length; i++) {
      exist[i] = here.get(categories[i]).contains(uuids[i]);
    }
    return exist;
  }

  private Set<String> here(String name, List<String> uuids) {
    NodeCategory category = NodeCategory.ofFeedName(name);
    if (category == null) {
      return Set.of();
    }
    String[] wanted = uuids.toArray(String[]::new);
    List<Object[]> rows =
        category.fhirType() != null
            ? statements()
                .query(
                    "SELECT FHIR_ID FROM HFJ_RESOURCE WHERE FHIR_ID = ANY(?) AND RES_TYPE = ?",
                    wanted,
                    category.fhirType())
            : statements()
                .query(
                    "SELECT uuid FROM rest_object WHERE uuid = ANY(?) AND resource = ?",
                    wanted,
                    category.restResource());
    Set<String> here = new HashSet<>();
    rows.forEach(row -> here.add((String) row[0]));
    return here;
  }

  @Override
  public long update(String statement, Object[] parameters) throws SQLException {
    return statements().update(statement, parameters);
  }

  @Override
  public long[] updateAll(String statement, Object[][] rows) throws SQLException {
    return statements().updateAll(statement, rows);
  }

  @Override
  public Object[][] query(String statement, Object[] parameters) {
    return statements().query(statement, parameters).toArray(Object[][]::new);
  }

  private Statements statements() {
    transaction();
    return new Statements(DataSourceUtils.getConnection(dataSource));
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
