package org.openmrs.module.sync2.kind;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.openmrs.module.sync2.host.CategoryObjects;

/**
 * A kind of OpenMRS object, and all that this module knows of it: where its objects are kept and
 * locked, which changes are told, who may do what with them, where they belong, and how they are
 * read and written in each representation. Each has a class of its own that says so, and its place
 * in {@link Kinds}. Not changed once it is there.
 *
 * <p>Entities are only named, and what reads and writes FHIR is made only when it is used, so that
 * what this OpenMRS does not have does no harm.
 */
public final class Kind {

  private final String category;
  private Table table;
  private boolean isHeldWhenReferredTo;
  private String name;
  private String entityName;
  private Withdrawal withdrawal;
  private Belonging belonging;
  private final List<Part> parts = new ArrayList<>();
  private Privileges privileges;
  private String place;
  private RestType<?> rest;
  private Supplier<CategoryObjects> fhir = () -> null;

  private Kind(String category) {
    this.category = category;
  }

  /**
   * A kind of which nothing is known yet.
   *
   * @param category as the feed names it, such as {@code drug_order}
   */
  static Kind of(String category) {
    return new Kind(category);
  }

  /** Where its objects are kept. */
  Kind keptIn(Table table) {
    this.table = table;
    return this;
  }

  /** People change its objects while others refer to them: they are locked with what does. */
  Kind heldWhenReferredTo() {
    isHeldWhenReferredTo = true;
    return this;
  }

  /**
   * Two of its objects that are not retired are not to have this in common.
   *
   * @param name a column of the table, or what is made of several, in SQL
   */
  Kind knownBy(String name) {
    this.name = name;
    return this;
  }

  /**
   * Its changes are told.
   *
   * @param entityName as Hibernate names it
   */
  Kind told(String entityName, Withdrawal withdrawal, Belonging belonging) {
    this.entityName = entityName;
    this.withdrawal = withdrawal;
    this.belonging = belonging;
    return this;
  }

  /**
   * Whatever happens to a part is a change of what it is a part of. Most parts are nothing by
   * themselves.
   *
   * @param entityName as Hibernate names it
   * @param property the one that holds what it is a part of
   */
  Kind part(String entityName, String property) {
    parts.add(new Part(entityName, property, this));
    return this;
  }

  /** Sets the privileges that OpenMRS asks of who reads, writes and removes its objects. */
  Kind guardedBy(Privileges privileges) {
    this.privileges = privileges;
    return this;
  }

  /**
   * Where its objects belong.
   *
   * @param place see {@link PlaceQuery}
   */
  Kind belongs(String place) {
    this.place = place;
    return this;
  }

  /** How its objects are read and written as REST documents. */
  Kind inRest(RestType<?> rest) {
    this.rest = rest;
    return this;
  }

  /**
   * How its objects are read and written as FHIR documents. A lambda, which names the class first
   * when it is called.
   */
  Kind inFhir(Supplier<CategoryObjects> fhir) {
    this.fhir = fhir;
    return this;
  }

  /** As the feed names it, such as {@code drug_order}. */
  public String category() {
    return category;
  }

  /** Where its objects are kept; null when they are neither locked nor looked for. */
  public Table table() {
    return table;
  }

  /** Returns true if what is written refers to its objects as they are, and holds them so. */
  public boolean isHeldWhenReferredTo() {
    return isHeldWhenReferredTo;
  }

  /**
   * A query for the uuids of those that are not retired and have a name; its parameters are the
   * name, a uuid that is left out, and false. Null where names say nothing.
   */
  public String queryOfName() {
    return name == null
        ? null
        : "SELECT uuid FROM "
            + table.root()
            + " WHERE "
            + name
            + " = ? AND uuid <> ? AND retired = ?";
  }

  /** As Hibernate names it; null when changes are not told. */
  public String entityName() {
    return entityName;
  }

  /** How OpenMRS takes such an object out of use. */
  public Withdrawal withdrawal() {
    return withdrawal;
  }

  /** Returns the parts of its objects, apart from their own rows. */
  public List<Part> parts() {
    return Collections.unmodifiableList(parts);
  }

  /**
   * The HQL query for what is told of objects: rows of id, uuid, and the uuids of patient,
   * location, visit or encounter, and group, or null. Its parameter {@code ids} is the list of
   * them.
   */
  public String queryOfChanges() {
    return "select o.id, o.uuid, "
        + belonging.patient()
        + ", "
        + belonging.location()
        + ", "
        + belonging.event()
        + ", "
        + belonging.group()
        + " from "
        + entityName
        + " o"
        + belonging.joins()
        + " where o.id in (:ids)";
  }

  /**
   * Returns the privileges that OpenMRS asks of who reads, writes and removes its objects; null:
   * nobody may.
   */
  public Privileges privileges() {
    return privileges;
  }

  /** Rows of object, location and patient, see {@link PlaceQuery}; null where none is known. */
  public String place() {
    return place;
  }

  /** Its objects as REST documents, for any thread; null when they are not written so. */
  public CategoryObjects rest() {
    return rest == null ? null : new RestCategory<>(category, rest);
  }

  /**
   * Its objects as FHIR documents. They hold nothing: the beans that they need are looked up at
   * every use, so that they outlive a refresh of OpenMRS's context.
   *
   * @return null when the FHIR module cannot read and write them faithfully enough
   */
  public CategoryObjects fhir() {
    return fhir.get();
  }

  @Override
  public String toString() {
    return category;
  }

  /** Which privileges OpenMRS itself asks for. */
  public static final class Privileges {

    private final String objects;
    private final List<String> saving;
    private final String removing;

    private Privileges(String objects, List<String> saving, String removing) {
      this.objects = objects;
      this.saving = saving;
      this.removing = removing;
    }

    /**
     * Such as {@code Add Visits}, {@code Edit Visits} and {@code Delete Visits}.
     *
     * @param objects as the privileges name them
     */
    static Privileges ofData(String objects) {
      return new Privileges(objects, Arrays.asList("Add", "Edit"), "Delete");
    }

    /** Such as {@code Manage Locations}. */
    static Privileges ofMetadata(String objects) {
      return new Privileges(objects, Collections.singletonList("Manage"), "Manage");
    }

    /** Where one privilege lets somebody add and edit. */
    static Privileges withoutAdding(String objects) {
      return new Privileges(objects, Collections.singletonList("Edit"), "Delete");
    }

    /** Where they are removed and not deleted. */
    static Privileges withRemoving(String objects) {
      return new Privileges(objects, Arrays.asList("Add", "Edit"), "Remove");
    }

    /** Returns true if somebody may read them. */
    public boolean letRead(Predicate<String> hasPrivilege) {
      return hasPrivilege.test("Get " + objects);
    }

    /** Returns true if somebody may both add and edit them: a document may do either. */
    public boolean letWrite(Predicate<String> hasPrivilege) {
      return ofSaving().stream().allMatch(hasPrivilege);
    }

    /** Returns true if somebody may remove them. */
    public boolean letRemove(Predicate<String> hasPrivilege) {
      return hasPrivilege.test(removing + ' ' + objects);
    }

    /** One of them is asked of who saves one. */
    public List<String> ofSaving() {
      return saving.stream().map(verb -> verb + ' ' + objects).collect(Collectors.toList());
    }
  }
}
