package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * The parts that made-up objects are made of. The same seed and stream give the same parts in the
 * same order; ids depend on the seed and a name only, so that streams can refer to each other.
 */
final class MadeUp {

  static final String SYSTEM = "http://example.org/sync2-demo";

  private static final List<String> GIVEN =
      List.of(
          "Grace", "Amélie", "José", "Zoë", "Nakató", "李", "Ольга", "يوسف", "Ngũgĩ", "Anne-Marie");
  private static final List<String> FAMILY =
      List.of(
          "Okello",
          "Achieng",
          "O'Brien",
          "Müller",
          "Nuñez",
          "王",
          "Иванова",
          "حسن",
          "van der Berg",
          "Þórsdóttir");
  private static final List<String> CITIES =
      List.of("Gulu", "Kisumu", "Mwanza", "Kraków", "Đà Nẵng", "N'Djamena");
  private static final List<String> WORDS =
      List.of(
          "fever",
          "since",
          "yesterday",
          "douleur",
          "thoracique",
          "кашель",
          "发烧",
          "37.5°C",
          "≥",
          "<none>",
          "&",
          "\"so\"",
          "🙂",
          "tête");

  private static final LocalDateTime FIRST_DAY = LocalDateTime.of(2015, 1, 1, 7, 0);

  private final long seed;
  private final Random random;

  MadeUp(long seed, long stream) {
    this.seed = seed;
    this.random = new Random(seed * 1_000_003 + stream);
  }

  /** The id of the object of that kind and name. */
  String id(ObjectKind kind, String name) {
    String full = seed + "/" + kind.category() + "/" + name;
    return UUID.nameUUIDFromBytes(full.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** The name of a place there: OpenMRS has no two places of one name, and each seed is a site. */
  String nameAtSite(String name) {
    return name + ", site " + seed;
  }

  /** An empty resource with type and id. */
  ObjectNode resource(ObjectKind kind, String name) {
    return Json.MAPPER
        .createObjectNode()
        .put("resourceType", kind.type())
        .put("id", id(kind, name));
  }

  /** Returns the object that the source hands over for a resource that {@link #resource} began. */
  SourceObject source(ObjectNode resource) {
    ObjectKind kind = ObjectKind.ofFhirType(resource.get("resourceType").textValue()).orElseThrow();
    return new SourceObject(kind, resource.get("id").textValue(), resource);
  }

  ObjectNode reference(ObjectKind kind, String name) {
    return Json.MAPPER.createObjectNode().put("reference", kind.type() + "/" + id(kind, name));
  }

  ObjectNode concept(String code, String text) {
    ObjectNode concept = Json.MAPPER.createObjectNode();
    concept
        .putArray("coding")
        .addObject()
        .put("system", SYSTEM + "/concepts")
        .put("code", code)
        .put("display", text);
    return concept.put("text", text);
  }

  ObjectNode humanName(String use) {
    ObjectNode name = Json.MAPPER.createObjectNode().put("use", use).put("family", oneOf(FAMILY));
    name.putArray("given").add(oneOf(GIVEN)).add(oneOf(GIVEN));
    return name;
  }

  ObjectNode address(String use) {
    ObjectNode address = Json.MAPPER.createObjectNode().put("use", use);
    address
        .putArray("line")
        .add("Plot " + number(1, 400))
        .add("Near the " + oneOf(WORDS) + " market");
    return address.put("city", oneOf(CITIES)).put("country", "Uganda");
  }

  /** Text of about that many words, in several scripts. */
  String text(int words) {
    StringBuilder text = new StringBuilder("Note:");
    for (int i = 0; i < words; i++) {
      text.append(' ').append(oneOf(WORDS));
    }
    return text.toString();
  }

  <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** From {@code least} to {@code most}, both included. */
  int number(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  /** A decimal with trailing zeros, from integers: {@code decimal(110, 110, 2)} is 1.10. */
  BigDecimal decimal(int least, int most, int digits) {
    return new BigDecimal(BigInteger.valueOf(number(least, most)), digits);
  }

  LocalDate birthDate() {
    return LocalDate.of(1930, 1, 1).plusDays(number(0, 34_000));
  }

  /** A moment of the last years, which are the same years whenever this runs. */
  LocalDateTime moment() {
    return FIRST_DAY.plusMinutes(number(0, 5_000_000));
  }

  static String instant(LocalDateTime moment) {
    return moment.atOffset(ZoneOffset.UTC).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
  }
}
