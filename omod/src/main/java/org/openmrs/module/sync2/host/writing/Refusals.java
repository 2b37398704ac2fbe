package org.openmrs.module.sync2.host.writing;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.hibernate.PropertyValueException;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.exception.DataException;
import org.openmrs.api.APIException;
import org.openmrs.api.ValidationException;
import org.openmrs.api.context.Context;
import org.openmrs.sync2.SyncRejectedException;
import org.springframework.validation.Errors;
import org.springframework.validation.ObjectError;

/** The refusals of OpenMRS and its database, in words for an administrator. */
final class Refusals {

  private Refusals() {}

  static SyncRejectedException of(APIException refused) {
    String message = refused.getMessage();
    return refusal(message == null ? refused.getClass().getName() : message);
  }

  /** Without the name that OpenMRS gives the object there, which can be that of a patient. */
  static SyncRejectedException of(ValidationException refused) {
    Errors errors = refused.getErrors();
    return errors == null ? of((APIException) refused) : of(errors);
  }

  private static SyncRejectedException of(Errors errors) {
    return refusal(
        errors.getAllErrors().stream()
            .map(error -> BrokenRule.of(error, message(error)).words())
            .distinct()
            .collect(Collectors.joining("; ")));
  }

  /** Returns true if the database refuses the object, and is not itself in trouble. */
  static boolean isAboutTheObject(RuntimeException thrown) {
    return cause(thrown, ConstraintViolationException.class) != null
        || cause(thrown, DataException.class) != null
        || cause(thrown, PropertyValueException.class) != null;
  }

  /**
   * The constraint, field or state, not the database's message: that holds values.
   *
   * @param broken the rules that were not to refuse the object
   */
  static SyncRejectedException ofDatabase(RuntimeException refused, List<String> broken) {
    String rules =
        broken.isEmpty() ? "" : ", as OpenMRS's validators: " + String.join("; ", broken);
    return new SyncRejectedException("the database refuses it: " + why(refused) + rules);
  }

  /** Something else refers to what is to be deleted. */
  static SyncRejectedException stillNeeded() {
    return new SyncRejectedException(
        "it was deleted at the parent, but other data here refers to it: move or delete that first,"
            + " or void or retire the object here by hand");
  }

  private static String why(RuntimeException refused) {
    ConstraintViolationException violation = cause(refused, ConstraintViolationException.class);
    if (violation != null) {
      return "the constraint " + violation.getConstraintName() + " does not hold";
    }
    PropertyValueException empty = cause(refused, PropertyValueException.class);
    if (empty != null) {
      return empty.getEntityName() + " needs a value of " + empty.getPropertyName();
    }
    SQLException failure = cause(refused, SQLException.class);
    return "a value does not fit its column (SQL state "
        + (failure == null ? "unknown" : failure.getSQLState())
        + ")";
  }

  private static SyncRejectedException refusal(String words) {
    return new SyncRejectedException("OpenMRS refuses it: " + words);
  }

  private static String message(ObjectError error) {
    return Context.getMessageSourceService().getMessage(error, Context.getLocale());
  }

  private static <E extends Throwable> E cause(Throwable thrown, Class<E> type) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
