package org.openmrs.module.sync2.host.writing;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** A rule of this server that an object does not keep. Says nothing of the object's values. */
public final class BrokenRule {

  /**
   * Codes of what is no rule of data entry: a text that its column cannot hold, an object that is
   * its own ancestor, a name that another object has.
   */
  private static final Set<String> CANNOT_BE_HELD =
      Collections.unmodifiableSet(
          new HashSet<>(
              Arrays.asList(
                  "error.exceededMaxLengthOfField",
                  "error.groupCannotHaveItselfAsAMentor",
                  "Obs.error.groupCannotHaveItselfAsAMentor",
                  "Location.parentLocation.error",
                  "location.duplicate.name")));

  /** The code of an observation without a value. */
  private static final String NO_VALUE = "error.noValue";

  private final String words;

  private final boolean holdable;
  private final boolean aboutTheValue;

  private BrokenRule(String words, boolean holdable, boolean aboutTheValue) {
    this.words = words;
    this.holdable = holdable;
    this.aboutTheValue = aboutTheValue;
  }

  /** A rule that OpenMRS's model and database do not need. */
  public static BrokenRule ofEntry(String words) {
    return new BrokenRule(words, true, false);
  }

  /**
   * Reads the finding of a validator.
   *
   * @param message its words
   */
  public static BrokenRule of(ObjectError error, String message) {
    String words = mayHoldValues(error) ? "a value is refused by a validator" : message;
    boolean holdable = !CANNOT_BE_HELD.contains(error.getCode());
    if (!(error instanceof FieldError)) {
      return new BrokenRule(words, holdable, NO_VALUE.equals(error.getCode()));
    }
    String field = ((FieldError) error).getField();
    return new BrokenRule(field + ": " + words, holdable, field.startsWith("value"));
  }

  /** Some validators give finished words, with the value in them, where a code belongs. */
  private static boolean mayHoldValues(ObjectError error) {
    return error.getCode() == null || error.getCode().indexOf(' ') >= 0;
  }

  /** Its words, for an administrator. */
  public String words() {
    return words;
  }

  /** Returns true if OpenMRS's model and database can hold an object that does not keep it. */
  public boolean isHoldable() {
    return holdable;
  }

  /** Returns true if it asks for a value of an observation, or forbids one. */
  public boolean isAboutTheValue() {
    return aboutTheValue;
  }
}
