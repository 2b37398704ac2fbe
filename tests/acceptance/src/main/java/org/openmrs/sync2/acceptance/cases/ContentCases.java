package org.openmrs.sync2.acceptance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openmrs.sync2.acceptance.AcceptanceCase;
import org.openmrs.sync2.acceptance.CaseFailure;
import org.openmrs.sync2.acceptance.CaseSkipped;
import org.openmrs.sync2.acceptance.Checks;
import org.openmrs.sync2.acceptance.Documents;
import org.openmrs.sync2.acceptance.Editor;
import org.openmrs.sync2.acceptance.Kind;
import org.openmrs.sync2.acceptance.Metadata;
import org.openmrs.sync2.acceptance.TwoServers;
import org.openmrs.sync2.acceptance.server.OpenMrsServer;
import org.openmrs.sync2.acceptance.server.OpenMrsServer.Login;

/** Contents that are easily lost: groups, kinds of values, strange and long texts, who made it. */
public final class ContentCases {

  /** Emoji, right to left with marks, quotes, backslash, markup, combining and wide characters. */
  static final String STRANGE = "😷🩺 שָׁלוֹם مرحبا \"q\" 'a' \\ <b>&amp;</b> é ẞ 漢字 ";

  private static final String SYSTEM_DEVELOPER = "8d94f852-c2cc-11de-8d13-0010c6dffd0f";

  private ContentCases() {}

  /** All of them. */
  public static List<AcceptanceCase> all() {
    return List.of(
        new AcceptanceCase("observation-values", ContentCases::values),
        new AcceptanceCase("observation-group", ContentCases::group),
        new AcceptanceCase("observation-group-changed", ContentCases::groupChanged),
        new AcceptanceCase("encounter-with-visit", ContentCases::encounterWithVisit),
        new AcceptanceCase("person-becomes-patient", ContentCases::personBecomesPatient),
        new AcceptanceCase("patient-removed-with-encounters", ContentCases::cascade),
        new AcceptanceCase("unicode-values", ContentCases::unicode),
        new AcceptanceCase("long-values", ContentCases::longValues),
        new AcceptanceCase("creator-known", ContentCases::creatorKnown),
        new AcceptanceCase("creator-unknown", ContentCases::creatorUnknown));
  }

  /** A text of exactly so many characters of the basic plane, as a column of that size takes. */
  static String ofLength(int length) {
    String unit = "Łäŋğ-'\"漢 ";
    return unit.repeat(length / unit.length() + 1).substring(0, length - 1) + "$";
  }

  private static void values(TwoServers servers) throws Exception {
    Metadata metadata = servers.metadata();
    String patient = new Editor(servers).patient();
    List<String> observations = new ArrayList<>();
    observations.add(observe(servers, patient, metadata.numeric(), 36.6));
    observations.add(observe(servers, patient, metadata.numeric(), -0.125));
    observations.add(observe(servers, patient, metadata.text(), "a text"));
    observations.add(observe(servers, patient, metadata.coded(), metadata.answer()));
    observations.add(observe(servers, patient, metadata.time(), Documents.EVENING));
    servers.synchronize();
    Checks.of(servers).same(Kind.OBSERVATION, observations);
  }

  private static String observe(TwoServers servers, String patient, String concept, Object value)
      throws Exception {
    return servers.parent().create("obs", servers.documents().observation(patient, concept, value));
  }

  private static List<String> makeGroup(TwoServers servers, String patient) throws Exception {
    Documents documents = servers.documents();
    Metadata metadata = servers.metadata();
    Map<String, Object> number = documents.value(metadata.numeric(), 120);
    Map<String, Object> text = documents.value(metadata.text(), "sitting");
    Map<String, Object> group = documents.group(List.of(number, text));
    Map<String, Object> encounter = documents.encounter(patient);
    encounter.put("obs", List.of(group));
    servers.parent().create("encounter", encounter);
    return List.of(uuid(group), uuid(number), uuid(text));
  }

  private static String uuid(Map<String, Object> document) {
    return document.get("uuid").toString();
  }

  private static void group(TwoServers servers) throws Exception {
    List<String> group = makeGroup(servers, new Editor(servers).patient());
    servers.synchronize();
    Checks.of(servers).same(Kind.OBSERVATION, group);
  }

  private static void groupChanged(TwoServers servers) throws Exception {
    List<String> group = makeGroup(servers, new Editor(servers).patient());
    servers.synchronize();
    String changed = servers.parent().change("obs", group.get(1), Map.of("value", 130));
    servers.synchronize();
    Checks.of(servers).same(Kind.OBSERVATION, List.of(group.get(0), changed, group.get(2)));
    Checks.of(servers).removed(Kind.OBSERVATION, group.get(1));
  }

  private static void encounterWithVisit(TwoServers servers) throws Exception {
    String patient = new Editor(servers).patient();
    String visit = servers.parent().create("visit", servers.documents().visit(patient));
    Map<String, Object> document = servers.documents().encounter(patient);
    document.put("visit", visit);
    document.put("obs", List.of(servers.documents().value(servers.metadata().numeric(), 71.5)));
    String encounter = servers.parent().create("encounter", document);
    servers.synchronize();
    Checks.of(servers).same(Kind.VISIT, visit);
    Checks.of(servers).same(Kind.ENCOUNTER, encounter);
  }

  private static void personBecomesPatient(TwoServers servers) throws Exception {
    String person = new Editor(servers).create(Kind.PERSON);
    servers.synchronize(Kind.PERSON, person);
    Checks.of(servers).same(Kind.PERSON, person);
    Map<String, Object> identifier = servers.documents().newIdentifier();
    identifier.put("preferred", true);
    servers
        .parent()
        .create("patient", Map.of("person", person, "identifiers", List.of(identifier)));
    servers.synchronize(Kind.PATIENT, person);
    Checks.of(servers).same(Kind.PATIENT, person);
  }

  /**
   * OpenMRS voids a patient's encounters with their observations, and visits, with the patient; an
   * observation that stands for itself it leaves.
   */
  private static void cascade(TwoServers servers) throws Exception {
    Editor editor = new Editor(servers);
    String patient = editor.patient();
    Map<String, Object> measured = servers.documents().value(servers.metadata().numeric(), 55);
    Map<String, Object> encounter = servers.documents().encounter(patient);
    encounter.put("obs", List.of(measured));
    servers.parent().create("encounter", encounter);
    String alone = editor.observation(patient, 56);
    String visit = servers.parent().create("visit", servers.documents().visit(patient));
    servers.synchronize();
    Checks.of(servers).present(Kind.ENCOUNTER, uuid(encounter));
    editor.remove(Kind.PATIENT, patient);
    servers.synchronize();
    Checks checks = Checks.of(servers);
    checks.removed(Kind.PATIENT, patient);
    checks.removed(Kind.ENCOUNTER, uuid(encounter));
    checks.removed(Kind.OBSERVATION, uuid(measured));
    checks.removed(Kind.VISIT, visit);
    checks.present(Kind.OBSERVATION, alone);
  }

  private static void unicode(TwoServers servers) throws Exception {
    Documents documents = servers.documents();
    Map<String, Object> person = documents.person();
    // A site may allow only some characters in names; quotes and letters of any script it must.
    person.put("names", List.of(Documents.name("Ørjan 漢字 مريم", "O'Néill שָׁלוֹם")));
    person.put("addresses", List.of(Documents.address(STRANGE)));
    person.put("attributes", List.of(documents.personAttribute(STRANGE.substring(0, 20))));
    String patient =
        servers.parent().create("patient", documents.patient(person, documents.newIdentifier()));
    Map<String, Object> location = documents.location();
    location.put("description", STRANGE);
    String clinic = servers.parent().create("location", location);
    String text = STRANGE + "\nsecond line\r\n\tthird\u00a0line \u202bRTL\u202c";
    String observation = observe(servers, patient, servers.metadata().text(), text);
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
    Checks.of(servers).same(Kind.LOCATION, clinic);
    Checks.of(servers).same(Kind.OBSERVATION, observation);
    String value = servers.child().read("obs/" + observation + "?v=full").path("value").asText();
    CaseFailure.unless(value.equals(text), "the text of " + observation + " is not what was sent");
  }

  private static void longValues(TwoServers servers) throws Exception {
    Documents documents = servers.documents();
    Map<String, Object> person = documents.person();
    Map<String, Object> name = Documents.name(ofLength(50), ofLength(50));
    name.put("middleName", ofLength(50));
    name.put("familyName2", ofLength(50));
    person.put("names", List.of(name));
    Map<String, Object> address = Documents.address(ofLength(255));
    address.put("cityVillage", ofLength(255));
    address.put("country", ofLength(50));
    person.put("addresses", List.of(address));
    person.put("attributes", List.of(documents.personAttribute(ofLength(50))));
    String identifier = documents.newIdentifier().get("identifier").toString();
    String longest = identifier + "x".repeat(50 - identifier.length());
    String patient =
        servers
            .parent()
            .create("patient", documents.patient(person, documents.identifier(longest)));
    Map<String, Object> location = documents.location();
    String unique = location.get("name").toString();
    location.put("name", unique + ofLength(255 - unique.length()));
    location.put("description", ofLength(255));
    String clinic = servers.parent().create("location", location);
    // As many bytes as the column takes.
    String text = "ä".repeat(32_767) + "$";
    String observation = observe(servers, patient, servers.metadata().text(), text);
    servers.synchronize();
    Checks.of(servers).same(Kind.PATIENT, patient);
    Checks.of(servers).same(Kind.LOCATION, clinic);
    Checks.of(servers).same(Kind.OBSERVATION, observation);
  }

  private static void creatorKnown(TwoServers servers) throws Exception {
    if (servers.travelsAsFhir(Kind.PATIENT)) {
      throw new CaseSkipped("FHIR does not carry who made a patient");
    }
    Map<String, Object> user = user(servers);
    servers.child().create("user", user);
    String patient = createAs(servers, user);
    servers.synchronize(Kind.PATIENT, patient);
    String creator =
        servers
            .child()
            .read("patient/" + patient + "?v=full")
            .path("auditInfo")
            .path("creator")
            .path("uuid")
            .asText();
    CaseFailure.unless(
        creator.equals(uuid(user)),
        "the creator of " + patient + " is " + creator + " instead of " + uuid(user));
    Checks.of(servers).same(Kind.PATIENT, patient);
  }

  private static void creatorUnknown(TwoServers servers) throws Exception {
    String patient = createAs(servers, user(servers));
    servers.synchronize(Kind.PATIENT, patient);
    Checks.of(servers).same(Kind.PATIENT, patient);
  }

  /** Makes a user at the parent, whose person is brought to the child. */
  private static Map<String, Object> user(TwoServers servers) throws Exception {
    String person = new Editor(servers).create(Kind.PERSON);
    servers.synchronize(Kind.PERSON, person);
    Map<String, Object> user =
        Documents.document(
            Map.entry("uuid", Documents.uuid()),
            Map.entry("username", servers.names().next("acc").replace(' ', '-')),
            Map.entry("password", "Acceptance1" + servers.names().run()),
            Map.entry("person", person),
            Map.entry("roles", List.of(SYSTEM_DEVELOPER)));
    servers.parent().create("user", user);
    return user;
  }

  private static String createAs(TwoServers servers, Map<String, Object> user) throws Exception {
    Login login = new Login(user.get("username").toString(), user.get("password").toString());
    OpenMrsServer parent = new OpenMrsServer(servers.parent().base(), login);
    parent.logIn();
    return parent.create("patient", servers.documents().patient());
  }
}
