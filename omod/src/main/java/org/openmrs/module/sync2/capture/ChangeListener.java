package org.openmrs.module.sync2.capture;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.action.spi.AfterTransactionCompletionProcess;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.EventSource;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PostCollectionRecreateEvent;
import org.hibernate.event.spi.PostCollectionRecreateEventListener;
import org.hibernate.event.spi.PostCollectionRemoveEvent;
import org.hibernate.event.spi.PostCollectionRemoveEventListener;
import org.hibernate.event.spi.PostCollectionUpdateEvent;
import org.hibernate.event.spi.PostCollectionUpdateEventListener;
import org.hibernate.event.spi.PostDeleteEvent;
import org.hibernate.event.spi.PostDeleteEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.event.spi.PostInsertEventListener;
import org.hibernate.event.spi.PostUpdateEvent;
import org.hibernate.event.spi.PostUpdateEventListener;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.proxy.HibernateProxy;
import org.openmrs.module.sync2.kind.EntityState;
import org.openmrs.module.sync2.kind.Kind;
import org.openmrs.module.sync2.kind.Kinds;
import org.openmrs.module.sync2.kind.Part;
import org.openmrs.sync2.Change.Action;

/**
 * Hears of every row that Hibernate writes, in the session that writes it, and collects what that
 * changes for the {@link TransactionChanges} of the session's transaction.
 *
 * <p>A bean of OpenMRS's context, so that it listens before anybody can change anything: the
 * context makes a new session factory, and a new one of these, at each refresh. An interceptor
 * would not be told which session it is called for, nor whether a row was written in the end.
 */
public final class ChangeListener
    implements PostInsertEventListener,
        PostUpdateEventListener,
        PostDeleteEventListener,
        PostCollectionRecreateEventListener,
        PostCollectionUpdateEventListener,
        PostCollectionRemoveEventListener {

  private static final long serialVersionUID = 1L;

  private final transient SessionFactoryImplementor sessions;
  private final transient ServerOutbox outbox;

  /**
   * By session, from its first change to the end of the transaction. What is kept of a session must
   * not lead to it, or one that ends without a commit or rollback would be kept for ever.
   */
  private final transient Map<Session, TransactionChanges> open =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** Hears nothing before {@link #listen}. */
  public ChangeListener(SessionFactory sessions, ServerOutbox outbox) {
    this.sessions = sessions.unwrap(SessionFactoryImplementor.class);
    this.outbox = outbox;
  }

  /**
   * Called once, when the bean is made. Where OpenMRS maps its objects in a way that we do not
   * know, nothing is heard: asking for them would fail at every commit.
   */
  public void listen() {
    try {
      compileQueries();
      register();
      outbox.listens();
    } catch (RuntimeException | LinkageError e) {
      outbox.cannotListen("this OpenMRS differs from what Sync 2 knows: " + e.getMessage());
    }
  }

  private void compileQueries() {
    try (Session session = sessions.openSession()) {
      for (Kind type : Kinds.told()) {
        if (sessions.getMetamodel().entityPersisters().containsKey(type.entityName())) {
          session.createQuery(type.queryOfChanges());
        }
      }
    }
  }

  private void register() {
    EventListenerRegistry registry =
        sessions.getServiceRegistry().getService(EventListenerRegistry.class);
    registry.appendListeners(EventType.POST_INSERT, this);
    registry.appendListeners(EventType.POST_UPDATE, this);
    registry.appendListeners(EventType.POST_DELETE, this);
    registry.appendListeners(EventType.POST_COLLECTION_RECREATE, this);
    registry.appendListeners(EventType.POST_COLLECTION_UPDATE, this);
    registry.appendListeners(EventType.POST_COLLECTION_REMOVE, this);
  }

  @Override
  public void onPostInsert(PostInsertEvent event) {
    hear(() -> inserted(event));
  }

  @Override
  public void onPostUpdate(PostUpdateEvent event) {
    hear(() -> updated(event));
  }

  @Override
  public void onPostDelete(PostDeleteEvent event) {
    hear(() -> deleted(event));
  }

  /** Whatever goes wrong with us, OpenMRS goes on saving. */
  private void hear(Runnable noting) {
    try {
      noting.run();
    } catch (Throwable e) {
      outbox.missed(e);
    }
  }

  private void inserted(PostInsertEvent event) {
    EntityPersister persister = event.getPersister();
    EntityState state = new EntityState(persister.getPropertyNames(), event.getState());
    Kind type = nearest(persister, Kinds::ofEntity);
    if (type != null) {
      changes(event.getSession()).add(type, event.getId(), type.withdrawal().ofInsert(state));
    }
    wholeChanged(event.getSession(), persister, state);
  }

  private void updated(PostUpdateEvent event) {
    EntityPersister persister = event.getPersister();
    String[] names = persister.getPropertyNames();
    EntityState after = new EntityState(names, event.getState());
    EntityState before =
        event.getOldState() == null ? null : new EntityState(names, event.getOldState());
    Kind type = nearest(persister, Kinds::ofEntity);
    if (type != null) {
      changes(event.getSession())
          .add(type, event.getId(), type.withdrawal().ofUpdate(before, after));
    }
    wholeChanged(event.getSession(), persister, after);
    if (before != null) {
      // The object that a part is moved away from changes, too.
      wholeChanged(event.getSession(), persister, before);
    }
  }

  private void deleted(PostDeleteEvent event) {
    EntityPersister persister = event.getPersister();
    EntityState state = new EntityState(persister.getPropertyNames(), event.getDeletedState());
    Kind type = nearest(persister, Kinds::ofEntity);
    if (type != null) {
      changes(event.getSession()).addDeleted(type, (String) state.get("uuid"));
    }
    wholeChanged(event.getSession(), persister, state);
  }

  /** Returns the facts about an entity, or about the nearest that it extends; or null. */
  private <T> T nearest(EntityPersister entity, Function<String, T> known) {
    T found = known.apply(entity.getEntityName());
    String extended = entity.getEntityMetamodel().getSuperclass();
    return found != null || extended == null
        ? found
        : nearest(sessions.getMetamodel().entityPersister(extended), known);
  }

  private void wholeChanged(EventSource session, EntityPersister persister, EntityState state) {
    Part part = nearest(persister, Kinds::partOfEntity);
    Object whole = part == null ? null : state.get(part.property());
    if (whole != null) {
      changes(session).add(part.whole(), id(session, whole), Action.UPDATED);
    }
  }

  /** Without loading it: Hibernate is in the middle of a flush. */
  private static Serializable id(EventSource session, Object entity) {
    return entity instanceof HibernateProxy
        ? ((HibernateProxy) entity).getHibernateLazyInitializer().getIdentifier()
        : session.getEntityPersister(null, entity).getIdentifier(entity, session);
  }

  @Override
  public void onPostRecreateCollection(PostCollectionRecreateEvent event) {
    hear(() -> ownerChanged(event));
  }

  @Override
  public void onPostUpdateCollection(PostCollectionUpdateEvent event) {
    hear(() -> ownerChanged(event));
  }

  @Override
  public void onPostRemoveCollection(PostCollectionRemoveEvent event) {
    hear(() -> ownerChanged(event));
  }

  /** Such as a location's tags. */
  private void ownerChanged(AbstractCollectionEvent event) {
    EventSource session = event.getSession();
    Serializable id = event.getAffectedOwnerIdOrNull();
    if (id == null || isOfOtherRows(event.getCollection())) {
      return;
    }
    EntityPersister owner =
        sessions.getMetamodel().entityPersister(event.getAffectedOwnerEntityName());
    Kind type = nearest(owner, Kinds::ofEntity);
    if (type != null) {
      changes(session).add(type, id, Action.UPDATED);
    }
  }

  /**
   * Returns true if the collection is written with the rows of its elements, which are heard of.
   */
  private boolean isOfOtherRows(PersistentCollection collection) {
    String role = collection == null ? null : collection.getRole();
    return role != null && sessions.getMetamodel().collectionPersister(role).isInverse();
  }

  /**
   * Returns the changes of a session, to be told when it commits and forgotten when that has ended.
   */
  private TransactionChanges changes(EventSource session) {
    TransactionChanges changes = open.computeIfAbsent(session, begun -> new TransactionChanges());
    if (changes.isEmpty()) {
      // Also when all so far has been told: another process of the same commit may flush again, and
      // Hibernate goes on until none is left.
      session.getActionQueue().registerProcess(new OutboxProcess(changes, outbox));
      session.getActionQueue().registerProcess(forgetting());
    }
    return changes;
  }

  private AfterTransactionCompletionProcess forgetting() {
    return (success, session) -> {
      TransactionChanges ended = open.remove(session);
      if (ended != null) {
        ended.clear();
      }
    };
  }

  /** Everything is heard of before the commit. */
  @Override
  @SuppressWarnings("deprecation")
  public boolean requiresPostCommitHanding(EntityPersister persister) {
    return false;
  }
}
