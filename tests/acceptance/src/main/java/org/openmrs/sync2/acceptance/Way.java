package org.openmrs.sync2.acceptance;

import java.util.Set;
import org.openmrs.sync2.acceptance.server.Direction;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;

/** One of the two ways that objects travel: from where they are edited to where they must be. */
public final class Way {

  private final TwoServers servers;
  private final Direction direction;

  Way(TwoServers servers, Direction direction) {
    this.servers = servers;
    this.direction = direction;
  }

  public TwoServers servers() {
    return servers;
  }

  public Direction direction() {
    return direction;
  }

  /** Where objects are made and edited: the parent for a pull, the child for a push. */
  public OpenMrsServer origin() {
    return direction == Direction.PULL ? servers.parent() : servers.child();
  }

  /** Where objects must be in the end. */
  public OpenMrsServer destination() {
    return direction == Direction.PULL ? servers.child() : servers.parent();
  }

  /** Somebody at the origin. */
  public Editor editor() {
    return new Editor(servers, origin());
  }

  /** What must be seen at the other end. */
  public Checks checks() {
    return direction == Direction.PULL ? Checks.of(servers) : Checks.atParent(servers);
  }

  /** Has everything travel that was written at the origin so far. */
  public void synchronize() throws Exception {
    if (direction == Direction.PULL) {
      servers.synchronize();
    } else {
      servers.push();
    }
  }

  /** The same; what no feed tells of is pulled by its name. */
  public void synchronize(Kind kind, String uuid) throws Exception {
    if (direction == Direction.PULL) {
      servers.synchronize(kind, uuid);
    } else {
      servers.push();
    }
  }

  /** What is done at the origin. */
  @FunctionalInterface
  public interface Edit {

    /** Edits an object at the origin of the way. */
    void apply(Way way, String uuid) throws Exception;
  }

  /** Edits an object and has it travel. */
  public void edit(Kind kind, String uuid, Edit edit) throws Exception {
    edit.apply(this, uuid);
    synchronize(kind, uuid);
  }

  /**
   * The same for an edit of which the parent may publish no event: OpenMRS's atomfeed module
   * watches the rows of an object and which parts it has, and parts only of the classes that have a
   * feed (HibernateEventInterceptor). The object then has to be pulled by name. The module's own
   * feed tells of everything.
   */
  public void editQuietly(Kind kind, String uuid, Edit edit) throws Exception {
    if (direction == Direction.PUSH) {
      edit(kind, uuid, edit);
      return;
    }
    Set<String> before = servers.feed().eventsOf(kind.category(), uuid);
    edit(kind, uuid, edit);
    if (servers.feed().eventsOf(kind.category(), uuid).equals(before)) {
      servers.note("the parent publishes no event of this edit: pulled by name");
      servers.pullByName(kind, uuid);
    }
  }
}
