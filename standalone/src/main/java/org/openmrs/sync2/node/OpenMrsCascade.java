package org.openmrs.sync2.node;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.openmrs.sync2.SyncDependent;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * As OpenMRS: with a patient go the encounters, with an encounter its observations; an observation
 * that stands for itself stays. Searches texts, as only a test's node may: the storage forgets to
 * what a removed resource referred.
 */
final class OpenMrsCascade implements Cascade {

  private static final Pattern DAY =
      Pattern.compile("\"(?:start|effectiveDateTime)\":\"(\\d{4}-\\d{2}-\\d{2})");

  private final JdbcTemplate jdbc;

  OpenMrsCascade(DataSource dataSource) {
    this.jdbc = new JdbcTemplate(dataSource);
  }

  @Override
  public List<SyncDependent> on(String category, String uuid) {
    List<SyncDependent> found = new ArrayList<>();
    if (category.equals("patient")) {
      for (SyncDependent encounter : referring("Encounter", "Patient/" + uuid)) {
        found.add(encounter);
        found.addAll(on(encounter.category(), encounter.uuid()));
      }
    } else if (category.equals("encounter")) {
      found.addAll(referring("Observation", "Encounter/" + uuid));
    }
    return found;
  }

  /** The last text of what is removed is that of the version before. */
  private List<SyncDependent> referring(String type, String reference) {
    return jdbc.query(
        "SELECT r.FHIR_ID, r.RES_DELETED_AT IS NOT NULL AS removed, v.RES_TEXT_VC"
            + " FROM HFJ_RESOURCE r JOIN HFJ_RES_VER v ON v.RES_ID = r.RES_ID AND v.RES_VER ="
            + " CASE WHEN r.RES_DELETED_AT IS NULL THEN r.RES_VER ELSE r.RES_VER - 1 END"
            + " WHERE r.RES_TYPE = ? AND v.RES_TEXT_VC LIKE ? ORDER BY r.RES_ID",
        (row, number) -> dependent(type, row.getString(1), row.getBoolean(2), row.getString(3)),
        type,
        "%\"reference\":\"" + reference + "\"%");
  }

  private static SyncDependent dependent(String type, String uuid, boolean removed, String text) {
    String category = NodeCategory.ofFhirType(type).feedName();
    Matcher day = DAY.matcher(text);
    String label = day.find() ? category + " of " + day.group(1) : category;
    return new SyncDependent(category, uuid, removed, label);
  }

  @Override
  public List<String> ownersOf(Resource resource) {
    if (resource instanceof Encounter encounter) {
      return ids(encounter.getSubject());
    }
    if (resource instanceof Observation observation && observation.hasEncounter()) {
      return ids(observation.getEncounter(), observation.getSubject());
    }
    return List.of();
  }

  private static List<String> ids(Reference... references) {
    return Stream.of(references)
        .map(reference -> reference.getReferenceElement().getIdPart())
        .filter(id -> id != null)
        .toList();
  }
}
