package org.openmrs.module.sync2.host.writing;

import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.openmrs.Obs;

/** The content of an observation, as against who keeps it where. */
final class ObservationContent {

  private static final List<Function<Obs, Object>> VALUES =
      Arrays.asList(
          Obs::getValueCoded,
          Obs::getValueCodedName,
          Obs::getValueDrug,
          obs -> seconds(obs.getValueDatetime()),
          Obs::getValueNumeric,
          Obs::getValueModifier,
          Obs::getValueText,
          Obs::getValueComplex);

  private static final List<Function<Obs, Object>> CIRCUMSTANCES =
      Arrays.asList(
          Obs::getPerson,
          Obs::getConcept,
          Obs::getEncounter,
          Obs::getOrder,
          Obs::getObsGroup,
          Obs::getLocation,
          obs -> seconds(obs.getObsDatetime()),
          Obs::getAccessionNumber,
          Obs::getComment,
          Obs::getStatus,
          Obs::getInterpretation,
          Obs::getFormFieldNamespace,
          Obs::getFormFieldPath);

  private ObservationContent() {}

  static boolean isSame(Obs one, Obs other) {
    return Stream.concat(VALUES.stream(), CIRCUMSTANCES.stream())
        .allMatch(part -> Objects.equals(part.apply(one), part.apply(other)));
  }

  static boolean hasValue(Obs obs) {
    return VALUES.stream().anyMatch(value -> value.apply(obs) != null);
  }

  /** OpenMRS stores whole seconds. */
  private static Long seconds(Date date) {
    return date == null ? null : date.getTime() / 1000;
  }
}
