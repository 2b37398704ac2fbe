package org.openmrs.module.sync2.host.writing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.openmrs.Obs;
import org.openmrs.OpenmrsObject;
import org.openmrs.Patient;
import org.openmrs.PatientIdentifier;
import org.openmrs.PatientIdentifierType;
import org.openmrs.PatientIdentifierType.LocationBehavior;
import org.openmrs.Retireable;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.validator.ValidateUtil;
import org.springframework.validation.BindException;
import org.springframework.validation.Errors;
import org.springframework.validation.ObjectError;

/**
 * OpenMRS's validators, and the rules that its services ask of a patient besides. They are asked
 * into a list: what a service throws would doom the transaction.
 */
public final class OpenmrsValidators implements EntryRules.Validators {

  @Override
  public List<BrokenRule> broken(OpenmrsObject object) {
    Errors errors = asked(object);
    List<BrokenRule> broken =
        errors.getAllErrors().stream().map(OpenmrsValidators::rule).collect(Collectors.toList());
    if (object instanceof Patient) {
      broken.addAll(ofIdentifiers((Patient) object, errors.hasErrors()));
    }
    return broken;
  }

  /** Some validators change what they are asked about. */
  private static Errors asked(OpenmrsObject object) {
    Errors errors = new BindException(object, "object");
    if (object instanceof Obs) {
      Obs obs = (Obs) object;
      Obs.Interpretation interpretation = obs.getInterpretation();
      ValidateUtil.validate(obs, errors);
      obs.setInterpretation(interpretation);
    } else if (object instanceof Retireable) {
      Retireable metadata = (Retireable) object;
      Boolean retired = metadata.getRetired();
      ValidateUtil.validate(metadata, errors);
      metadata.setRetired(retired);
    } else {
      ValidateUtil.validate(object, errors);
    }
    return errors;
  }

  private static BrokenRule rule(ObjectError error) {
    return BrokenRule.of(
        error, Context.getMessageSourceService().getMessage(error, Context.getLocale()));
  }

  private static List<BrokenRule> ofIdentifiers(Patient patient, boolean isSuspect) {
    List<PatientIdentifier> active = patient.getActiveIdentifiers();
    List<BrokenRule> broken = new ArrayList<>();
    if (active.isEmpty()) {
      broken.add(BrokenRule.ofEntry("a patient needs an identifier"));
    }
    required().stream()
        .filter(type -> active.stream().noneMatch(has -> type.equals(has.getIdentifierType())))
        .map(type -> BrokenRule.ofEntry("a patient needs an identifier of the type " + name(type)))
        .forEach(broken::add);
    if (isSuspect) {
      active.stream()
          .filter(OpenmrsValidators::isRefused)
          .map(OpenmrsValidators::why)
          .forEach(broken::add);
    }
    return broken;
  }

  private static List<PatientIdentifierType> required() {
    List<PatientIdentifierType> required =
        HostSession.once(
            "identifier types that are required",
            "",
            all -> Context.getPatientService().getPatientIdentifierTypes(null, null, true, null));
    return required == null ? Collections.emptyList() : required;
  }

  private static boolean isRefused(PatientIdentifier identifier) {
    Errors errors = new BindException(identifier, "identifier");
    ValidateUtil.validate(identifier, errors);
    return errors.hasErrors();
  }

  /** In words of our own: the validator's have the number in them. */
  private static BrokenRule why(PatientIdentifier identifier) {
    PatientIdentifierType type = identifier.getIdentifierType();
    String value = identifier.getIdentifier();
    String why;
    if (value == null || value.trim().isEmpty()) {
      why = "is empty";
    } else if (type.getFormat() != null && !value.matches(type.getFormat())) {
      why = "does not have the format of its type";
    } else if (identifier.getLocation() == null
        && type.getLocationBehavior() != LocationBehavior.NOT_USED) {
      why = "has no location";
    } else {
      why = "does not pass the validator of its type, or is there twice";
    }
    return BrokenRule.ofEntry("an identifier of the type " + name(type) + " " + why);
  }

  private static String name(PatientIdentifierType type) {
    return "'" + type.getName() + "'";
  }
}
