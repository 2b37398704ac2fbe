package org.openmrs.sync2;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The account that a child logged in with, and what the host lets it do itself with the objects of
 * each category. What it may do by the exchange is never more than that, and never more than {@code
 * exchange.children} in the configuration says. Cannot be changed.
 */
public final class SyncAccount {

  private final String name;
  private final boolean limited;
  private final Set<String> read;
  private final Set<String> write;
  private final Set<String> remove;

  private SyncAccount(
      String name,
      boolean limited,
      Collection<String> read,
      Collection<String> write,
      Collection<String> remove) {
    this.name = name;
    this.limited = limited;
    this.read = new TreeSet<>(read);
    this.write = new TreeSet<>(write);
    this.remove = new TreeSet<>(remove);
  }

  /** An account of a host that has no rights of its own: only the configuration limits it. */
  public static SyncAccount of(String name) {
    List<String> none = Collections.emptyList();
    return new SyncAccount(name, false, none, none, none);
  }

  /** The same account, which the host lets read objects of these categories, and nothing else. */
  public SyncAccount reading(Collection<String> categories) {
    return new SyncAccount(name, true, categories, write, remove);
  }

  /** The same account, which the host lets write objects of these categories, too. */
  public SyncAccount writing(Collection<String> categories) {
    return new SyncAccount(name, true, read, categories, remove);
  }

  /** The same account, which the host lets remove objects of these categories, too. */
  public SyncAccount removing(Collection<String> categories) {
    return new SyncAccount(name, true, read, write, categories);
  }

  /** Its user name. */
  public String name() {
    return name;
  }

  byte[] json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("name", name);
    if (limited) {
      ObjectNode rights = json.putObject("rights");
      rights.set("read", Json.MAPPER.valueToTree(read));
      rights.set("write", Json.MAPPER.valueToTree(write));
      rights.set("remove", Json.MAPPER.valueToTree(remove));
    }
    return Json.write(json);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SyncAccount && parts().equals(((SyncAccount) other).parts());
  }

  @Override
  public int hashCode() {
    return parts().hashCode();
  }

  private List<Object> parts() {
    return Arrays.asList(name, limited, read, write, remove);
  }
}
