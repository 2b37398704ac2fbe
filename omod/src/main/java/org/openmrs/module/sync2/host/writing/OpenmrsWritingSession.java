package org.openmrs.module.sync2.host.writing;

import java.sql.PreparedStatement;
import java.util.Date;
import java.util.function.Consumer;
import org.openmrs.Obs;
import org.openmrs.User;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;

/** The session of the calling thread. */
public final class OpenmrsWritingSession implements WritingSession {

  private final Consumer<Object> mayStore;

  private static final String MOVE_MEMBERS =
      "UPDATE obs SET obs_group_id = ? WHERE obs_group_id = ?";

  /**
   * In the name of its user.
   *
   * @param mayStore throws for an object that the user may not store
   */
  public OpenmrsWritingSession(Consumer<Object> mayStore) {
    this.mayStore = mayStore;
  }

  @Override
  public User user() {
    return Context.getAuthenticatedUser();
  }

  @Override
  public Date now() {
    return new Date();
  }

  @Override
  public void store(Object object) {
    mayStore.accept(object);
    HostSession.store(object);
  }

  @Override
  public void flush() {
    Context.flushSession();
  }

  @Override
  public void flushingOnce(Runnable work) {
    HostSession.flushingOnce(work);
  }

  /** By SQL: an observation that is not voided cannot be put into another group. */
  @Override
  public void moveMembers(Obs from, Obs to) {
    HostSession.run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(MOVE_MEMBERS)) {
            statement.setInt(1, to.getObsId());
            statement.setInt(2, from.getObsId());
            statement.executeUpdate();
          }
        });
    // The members that are loaded know nothing of it.
    HostSession.clear();
  }
}
