package org.openmrs.module.sync2.kind;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import org.openmrs.Attributable;
import org.openmrs.Person;
import org.openmrs.PersonAddress;
import org.openmrs.PersonAttribute;
import org.openmrs.PersonAttributeType;
import org.openmrs.PersonName;
import org.openmrs.api.context.Context;
import org.openmrs.module.sync2.host.HostSession;
import org.openmrs.module.sync2.host.writing.Parts;
import org.openmrs.module.sync2.host.writing.PersonLists;
import org.openmrs.module.sync2.host.writing.Writing;
import org.openmrs.module.webservices.rest.web.ConversionUtil;
import org.openmrs.sync2.SyncRejectedException;
import org.openmrs.util.AttributableDate;

/** The fields that persons and patients share: demographics, names, addresses and attributes. */
final class PersonParts {

  /** Where the parts of those persons are kept who are in a table. */
  static Table in(Table persons) {
    return persons
        .with("person_name", "person_id")
        .with("person_address", "person_id")
        .with("person_attribute", "person_id");
  }

  /** HQL for {@link HostSession#together}. */
  static final String WITH_NAMES = with("names");

  /** HQL for {@link HostSession#together}. */
  static final String WITH_ADDRESSES = with("addresses");

  /** HQL for {@link HostSession#together}. */
  static final String WITH_ATTRIBUTES = with("attributes");

  private PersonParts() {}

  private static String with(String list) {
    return "select distinct p from Person p left join fetch p."
        + list
        + " where p.uuid in (:uuids)";
  }

  static void fill(Person person, JsonFields json, Writing writing) {
    fillDemographics(person, json);
    new Parts<>(
            person.getNames(),
            PersonName::new,
            Creation.stamping(PersonParts::fillName),
            name -> PersonLists.add(person, name))
        .reconcile(json.parts("names"), writing.removal());
    new Parts<>(
            person.getAddresses(),
            PersonAddress::new,
            Creation.stamping(PersonParts::fillAddress),
            address -> PersonLists.add(person, address))
        .reconcile(json.parts("addresses"), writing.removal());
    new Parts<>(
            person.getAttributes(),
            PersonAttribute::new,
            Creation.stamping(PersonParts::fillAttribute),
            attribute -> PersonLists.add(person, attribute))
        .reconcile(JsonFields.byUuid(attributes(json)), writing.removal());
  }

  /** OpenMRS keeps no attribute without a value; one whose value the parent cannot tell is none. */
  private static List<JsonFields> attributes(JsonFields json) {
    return json.list("attributes").stream()
        .filter(attribute -> attribute.value("value") != null)
        .collect(Collectors.toList());
  }

  private static void fillDemographics(Person person, JsonFields json) {
    person.setGender(json.text("gender"));
    person.setBirthdate(json.localDate("birthdate"));
    person.setBirthdateEstimated(json.isTrue("birthdateEstimated"));
    person.setBirthtime(json.localTime("birthtime"));
    person.setDead(json.isTrue("dead"));
    person.setDeathDate(json.instant("deathDate"));
    person.setDeathdateEstimated(json.bool("deathdateEstimated"));
    person.setCauseOfDeath(References.concept(json, "causeOfDeath"));
    person.setCauseOfDeathNonCoded(json.text("causeOfDeathNonCoded"));
  }

  private static void fillName(PersonName name, JsonFields json) {
    name.setPreferred(json.isTrue("preferred"));
    name.setPrefix(json.text("prefix"));
    name.setGivenName(json.text("givenName"));
    name.setMiddleName(json.text("middleName"));
    name.setFamilyNamePrefix(json.text("familyNamePrefix"));
    name.setFamilyName(json.text("familyName"));
    name.setFamilyName2(json.text("familyName2"));
    name.setFamilyNameSuffix(json.text("familyNameSuffix"));
    name.setDegree(json.text("degree"));
  }

  private static void fillAddress(PersonAddress address, JsonFields json) {
    address.setPreferred(json.isTrue("preferred"));
    address.setStartDate(json.instant("startDate"));
    address.setEndDate(json.instant("endDate"));
    AddressFields.fill(address, json);
  }

  private static void fillAttribute(PersonAttribute attribute, JsonFields json) {
    PersonAttributeType type = References.personAttributeType(json, "attributeType");
    attribute.setAttributeType(type);
    attribute.setValue(storedValue(type, json));
  }

  /** The value as OpenMRS stores it: of another object that is its local key. */
  private static String storedValue(PersonAttributeType type, JsonFields json) {
    JsonNode value = json.value("value");
    Class<? extends Attributable<?>> attributable = attributable(type.getFormat());
    if (attributable == null) {
      return value.asText();
    }
    if (attributable == AttributableDate.class) {
      return new AttributableDate(json.localDate("value").getTime()).serialize();
    }
    return referred(type, attributable, value).serialize();
  }

  private static Attributable<?> referred(
      PersonAttributeType type, Class<? extends Attributable<?>> attributable, JsonNode value) {
    String uuid = value.path("uuid").asText(null);
    if (uuid == null) {
      throw new SyncRejectedException(
          "an attribute of the type "
              + type.getUuid()
              + " refers to nothing at the parent: correct or remove it there");
    }
    return References.required(
        attributable.getSimpleName(),
        uuid,
        wanted -> (Attributable<?>) ConversionUtil.convert(wanted, attributable));
  }

  /** Null when a value of that format is stored as it is. */
  @SuppressWarnings("unchecked")
  private static Class<? extends Attributable<?>> attributable(String format) {
    if (format == null) {
      return null;
    }
    try {
      Class<?> type = Context.loadClass(format);
      return Attributable.class.isAssignableFrom(type)
          ? (Class<? extends Attributable<?>>) type
          : null;
    } catch (ClassNotFoundException e) {
      // Formats that name no class are how OpenMRS marks plain text.
      return null;
    }
  }
}
