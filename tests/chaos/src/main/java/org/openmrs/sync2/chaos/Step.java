package org.openmrs.sync2.chaos;

/**
 * A step of a schedule. Nodes are named, objects numbered; what cannot be done when it comes is
 * left out.
 */
sealed interface Step {

  /** What somebody does to an object at a node. */
  enum Deed {
    CREATE,
    EDIT,
    /** Writes back what the last edit of this object at this node replaced. */
    UNDO,
    REMOVE,
    /** Brings back what is removed there, with other values. */
    RESTORE,
    /** Brings back what was removed there just as it was. */
    UNREMOVE,
    /** Decides about a conflict. */
    DECIDE,
  }

  /** Which runs. */
  enum Runs {
    PULL,
    PUSH,
    /** At once. */
    BOTH,
  }

  /** Somebody writes an object. */
  record Write(String node, Deed deed, int object, int field) implements Step {
    @Override
    public String toString() {
      return node + ": " + deed + " o" + object + (deed == Deed.EDIT ? ", field " + field : "");
    }
  }

  /** Somebody at a child decides about the conflict of an object, if there is one. */
  record Decide(String node, int object, String choice) implements Step {
    @Override
    public String toString() {
      return node + ": decide o" + object + " for " + choice;
    }
  }

  /** The runs of a child, to their end. */
  record Run(String node, Runs runs) implements Step {
    @Override
    public String toString() {
      return node + ": " + runs;
    }
  }

  /** The runs of a child, which go on while the next steps are done. */
  record Begin(String node, Runs runs) implements Step {
    @Override
    public String toString() {
      return node + ": begin " + runs;
    }
  }

  /** Waits for the runs of a child that go on. */
  record Finish(String node) implements Step {
    @Override
    public String toString() {
      return node + ": end of what began";
    }
  }

  /** Something is going to happen on the line of a child. */
  record Arm(String node, Fault fault) implements Step {
    @Override
    public String toString() {
      return "line of " + node + ": " + fault;
    }
  }

  /** Nothing happens on the line of a child any more. */
  record Heal(String node) implements Step {
    @Override
    public String toString() {
      return "line of " + node + ": heals";
    }
  }

  /** What the line of a child holds arrives. */
  record Release(String node) implements Step {
    @Override
    public String toString() {
      return "line of " + node + ": what it holds arrives";
    }
  }

  /** Whatever was done to a node, its process runs after this. */
  record Recover(String node) implements Step {
    @Override
    public String toString() {
      return node + ": runs again";
    }
  }

  /** kill -9, now. */
  record Kill(String node) implements Step {
    @Override
    public String toString() {
      return node + ": kill -9";
    }
  }

  /** A copy of a node's database is laid aside. */
  record Copy(String node) implements Step {
    @Override
    public String toString() {
      return node + ": its database is copied";
    }
  }

  /** A node goes on with the copy of a node's database, its own or another's. */
  record Restore(String node, String copied) implements Step {
    @Override
    public String toString() {
      return node + ": goes on with the copy of " + copied;
    }
  }

  /** The disk of a node is full. */
  record FillDisk(String node) implements Step {
    @Override
    public String toString() {
      return node + ": its disk is full";
    }
  }

  /** The clock of a node is set, so far from the right time. */
  record SetClock(String node, long seconds) implements Step {
    @Override
    public String toString() {
      return node + ": its clock is set " + seconds + " s from the right time";
    }
  }
}
