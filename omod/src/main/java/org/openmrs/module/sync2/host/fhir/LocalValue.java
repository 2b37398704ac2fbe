package org.openmrs.module.sync2.host.fhir;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.TimeType;
import org.hl7.fhir.r4.model.Type;
import org.openmrs.Concept;
import org.openmrs.ConceptDatatype;
import org.openmrs.sync2.SyncRejectedException;

/**
 * Values of observations that have no zone: a date or a time of day is the same in the forms of all
 * servers. The FHIR module makes moments of them, which are another day or time in another zone.
 */
enum LocalValue {

  /** Of a concept of datatype Date. */
  DAY {
    @Override
    Type inFhir(LocalDateTime shown) {
      return new DateTimeType(shown.toLocalDate().toString());
    }
  },

  /** Of a concept of datatype Time; FHIR has no day with it. */
  TIME {
    @Override
    Type inFhir(LocalDateTime shown) {
      return new TimeType(SECONDS.format(shown));
    }
  };

  private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss");

  /** The day that OpenMRS's own forms give to a time of day. */
  private static final LocalDate NO_DAY = LocalDate.of(1970, 1, 1);

  private static final int DATE_LENGTH = "yyyy-MM-dd".length();
  private static final int TIME_START = "yyyy-MM-ddT".length();
  private static final int TIME_END = "yyyy-MM-ddTHH:mm:ss".length();

  abstract Type inFhir(LocalDateTime shown);

  /** Returns the kind of the answers to a question; null for those that are no such values. */
  static LocalValue of(Concept question) {
    ConceptDatatype datatype = question == null ? null : question.getDatatype();
    if (datatype == null) {
      return null;
    }
    return datatype.isDate() ? DAY : datatype.isTime() ? TIME : null;
  }

  /** As forms here show it. */
  Type inFhir(Date value) {
    return inFhir(LocalDateTime.ofInstant(value.toInstant(), ZoneId.systemDefault()));
  }

  /**
   * Returns the time that forms here are to show, as the other side's forms do. A moment, as a
   * server without this module writes it, is shown in the zone in which it is written.
   *
   * @return null when the value is of another kind
   */
  static Date read(Type value) {
    if (value instanceof TimeType) {
      return here(NO_DAY, value.primitiveValue());
    }
    if (!(value instanceof DateTimeType)) {
      return null;
    }
    String text = value.primitiveValue();
    try {
      LocalDate day = LocalDate.parse(text.substring(0, DATE_LENGTH));
      return here(
          day, text.length() < TIME_END ? "00:00:00" : text.substring(TIME_START, TIME_END));
    } catch (DateTimeException | StringIndexOutOfBoundsException e) {
      throw new SyncRejectedException("its value is no whole date");
    }
  }

  private static Date here(LocalDate day, String time) {
    try {
      return Date.from(
          day.atTime(LocalTime.parse(time)).atZone(ZoneId.systemDefault()).toInstant());
    } catch (DateTimeException e) {
      throw new SyncRejectedException("its value is no time of day");
    }
  }
}
