package org.openmrs.module.sync2.host.rest;

import java.sql.PreparedStatement;
import java.util.Date;
import java.util.UUID;
import org.openmrs.Obs;
import org.openmrs.Obs.Interpretation;
import org.openmrs.Obs.Status;
import org.openmrs.api.ObsService;
import org.openmrs.api.context.Context;
import org.openmrs.api.db.ObsDAO;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.validator.ValidateUtil;
import org.springframework.validation.BindException;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Observations, each by itself: the members of a group name the group.
 *
 * <p>OpenMRS never changes an observation: a change is a new row, and the old one stays, voided.
 * Here the new row has the uuid, as its own at the parent, and the old one is given another.
 */
final class ObservationRest implements RestType<Obs> {

  private static final String CHANGED = "Changed at the parent";

  private static final String NO_VALUE = "error.noValue";

  private static final String MOVE_MEMBERS =
      "UPDATE obs SET obs_group_id = ? WHERE obs_group_id = ?";

  @Override
  public Class<Obs> type() {
    return Obs.class;
  }

  @Override
  public Obs find(String uuid) {
    return observations().getObsByUuid(uuid);
  }

  @Override
  public void save(Obs here, String uuid, JsonFields json) {
    Obs wanted = read(uuid, json);
    if (here == null) {
      insert(wanted);
    } else if (!ObservationContent.isSame(here, wanted)) {
      replace(here, wanted);
    } else if (here.getVoided()) {
      // Past the service: its validator interprets the value anew, and the service then makes of
      // the
      // restored row a changed one, with another uuid. Members have events of their own.
      Parts.restore(here);
    }
  }

  @Override
  public void remove(Obs here) {
    if (!here.getVoided()) {
      observations().voidObs(here, Parts.REMOVED_AT_THE_PARENT);
    }
  }

  @Override
  public void purge(Obs here) {
    observations().purgeObs(here);
  }

  private static Obs read(String uuid, JsonFields json) {
    Obs obs = new Obs();
    obs.setUuid(uuid);
    Creation.stamp(obs, json);
    obs.setPerson(References.person(json, "person"));
    obs.setConcept(References.concept(json, "concept"));
    obs.setEncounter(References.encounter(json, "encounter"));
    obs.setOrder(References.order(json, "order"));
    obs.setObsGroup(References.obs(json, "obsGroup"));
    obs.setLocation(References.location(json, "location"));
    obs.setObsDatetime(json.instant("obsDatetime"));
    obs.setAccessionNumber(json.text("accessionNumber"));
    obs.setComment(json.text("comment"));
    obs.setPreviousVersion(versionHere(json));
    obs.setStatus(json.constant("status", Status.class));
    obs.setInterpretation(json.constant("interpretation", Interpretation.class));
    readFormField(obs, json);
    readValue(obs, json);
    return obs;
  }

  /**
   * The version before may have been voided before this node had anything of it: then it is not
   * here.
   */
  private static Obs versionHere(JsonFields json) {
    String uuid = json.reference("previousVersion");
    return uuid == null ? null : observations().getObsByUuid(uuid);
  }

  private static void readFormField(Obs obs, JsonFields json) {
    String namespace = json.text("formFieldNamespace");
    String path = json.text("formFieldPath");
    if (namespace != null || path != null) {
      obs.setFormField(namespace, path);
    }
  }

  private static void readValue(Obs obs, JsonFields json) {
    obs.setValueCoded(References.concept(json, "valueCoded"));
    obs.setValueCodedName(References.conceptName(json, "valueCodedName"));
    obs.setValueDrug(References.drug(json, "valueDrug"));
    obs.setValueDatetime(json.instant("valueDatetime"));
    obs.setValueNumeric(json.number("valueNumeric"));
    obs.setValueModifier(json.text("valueModifier"));
    obs.setValueText(json.text("valueText"));
    obs.setValueComplex(json.text("valueComplex"));
  }

  /** The old row is in the database with its other uuid before the new one takes this. */
  private static void replace(Obs old, Obs wanted) {
    old.setUuid(UUID.randomUUID().toString());
    if (!old.getVoided()) {
      old.setVoided(true);
      old.setVoidedBy(Context.getAuthenticatedUser());
      old.setDateVoided(new Date());
      old.setVoidReason(CHANGED);
    }
    Context.flushSession();
    insert(wanted);
    moveMembers(old, wanted);
  }

  /**
   * Validates as the service does, but saves past it. The validator takes a group, which is here
   * before its members, for an observation without a value, and interprets by this node's ranges
   * what the parent has interpreted.
   */
  private static void insert(Obs obs) {
    Interpretation interpretation = obs.getInterpretation();
    Errors errors = new BindException(obs, "observation");
    ValidateUtil.validate(obs, errors);
    boolean isGroup = !ObservationContent.hasValue(obs);
    if (!errors.getAllErrors().stream().allMatch(error -> isGroup && isAboutTheValue(error))) {
      throw Refusals.of(errors);
    }
    obs.setInterpretation(interpretation);
    Context.getRegisteredComponent("obsDAO", ObsDAO.class).saveObs(obs);
  }

  private static boolean isAboutTheValue(ObjectError error) {
    return error instanceof FieldError
        ? ((FieldError) error).getField().startsWith("value")
        : NO_VALUE.equals(error.getCode());
  }

  /** By SQL: an observation that is not voided cannot be put into another group. */
  private static void moveMembers(Obs old, Obs group) {
    Context.flushSession();
    HostSession.run(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(MOVE_MEMBERS)) {
            statement.setInt(1, group.getObsId());
            statement.setInt(2, old.getObsId());
            statement.executeUpdate();
          }
        });
    // The members that are loaded know nothing of it.
    HostSession.clear();
  }

  private static ObsService observations() {
    return Context.getObsService();
  }
}
