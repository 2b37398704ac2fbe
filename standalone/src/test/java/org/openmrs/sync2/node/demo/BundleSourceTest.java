package org.openmrs.sync2.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleSourceTest {

  private static final String HOSPITALS =
      """
      {"resourceType": "Bundle", "type": "batch", "entry": [
        {"fullUrl": "urn:uuid:w", "resource": {"resourceType": "Location", "id": "w",
          "partOf": {"reference": "urn:uuid:l"}}},
        {"fullUrl": "urn:uuid:l", "resource": {"resourceType": "Location", "id": "l",
          "identifier": [{"system": "http://example.org/l", "value": "1"}]}},
        {"fullUrl": "urn:uuid:r", "resource": {"resourceType": "PractitionerRole", "id": "r"}}]}
      """;

  private static final String PATIENT =
      """
      {"type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:o", "resource": {"resourceType": "Observation", "id": "o",
          "subject": {"reference": "urn:uuid:p"},
          "encounter": {"reference": "urn:uuid:e"},
          "performer": [{"reference": "urn:uuid:r"}],
          "focus": [{"reference": "urn:uuid:nowhere", "display": "kept"}],
          "valueQuantity": {"value": 1.10}}},
        {"fullUrl": "urn:uuid:e", "resource": {"resourceType": "Encounter",
          "subject": {"reference": "urn:uuid:p"},
          "location": [
            {"location": {"reference": "Location?identifier=http://example.org/l|1"}}]}},
        {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", "id": "p"}}],
       "resourceType": "Bundle"}
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeBundles() throws IOException {
    Files.writeString(folder.resolve("README.md"), "no Bundle");
    Files.writeString(folder.resolve("a-patient.json"), PATIENT);
    Files.writeString(folder.resolve("hospitals.json"), HOSPITALS);
  }

  @Test
  void referencedObjectComesFirst() throws IOException {
    assertEquals(
        List.of("Location/l", "Location/w", "Patient/p", "Encounter/e", "Observation/o"),
        objects(folder).stream().map(SourceObject::key).toList());
  }

  @Test
  void referencesAreReplacedByIds() throws IOException {
    Map<String, SourceObject> objects = byKey(objects(folder));
    assertEquals(Set.of("Patient/p", "Location/l"), objects.get("Encounter/e").references());
    assertEquals(Set.of("Location/l"), objects.get("Location/w").references());
    assertEquals("e", objects.get("Encounter/e").document().path("id").asText());
  }

  @Test
  void decimalsStayAsTheyAreWritten() throws IOException {
    String observation = byKey(objects(folder)).get("Observation/o").document().toString();
    assertTrue(observation.contains("\"value\":1.10"), observation);
  }

  @Test
  void objectLeftOutIsCounted() throws IOException {
    BundleSource source = BundleSource.open(folder);
    List<SourceObject> objects = new ArrayList<>();
    LeftOut leftOut = source.deliverTo(objects::add);
    assertEquals(Map.of("PractitionerRole", 1L), leftOut.resources());
    assertEquals(
        Map.of(
            "Observation.performer -> PractitionerRole", 1L,
            "Observation.focus -> not in the data", 1L),
        leftOut.references());
    assertEquals(objects.size(), source.size());
  }

  @Test
  void aReferenceThatIsTakenOutLeavesNothingEmpty() throws IOException {
    var observation = byKey(objects(folder)).get("Observation/o").document();
    assertTrue(observation.path("performer").isMissingNode());
    assertEquals("[{\"display\":\"kept\"}]", observation.path("focus").toString());
  }

  @Test
  void anArchiveIsReadAsAFolderIs() throws IOException {
    Path archive = folder.resolve("data.tar.xz");
    try (var tar =
        new TarArchiveOutputStream(new XZCompressorOutputStream(Files.newOutputStream(archive)))) {
      for (String name : List.of("README.md", "a-patient.json", "hospitals.json")) {
        byte[] content = Files.readAllBytes(folder.resolve(name));
        TarArchiveEntry entry = new TarArchiveEntry("sub/" + name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    assertEquals(objects(folder), objects(archive));
  }

  @Test
  void aCircleOfReferencesIsRefused() throws IOException {
    Path file = folder.resolve("circle.json");
    Files.writeString(
        file,
        """
        {"resourceType": "Bundle", "entry": [
          {"resource": {"resourceType": "Location", "id": "a",
            "partOf": {"reference": "Location/b"}}},
          {"resource": {"resourceType": "Location", "id": "b",
            "partOf": {"reference": "Location/a"}}}]}
        """);
    DemoException refused = assertThrows(DemoException.class, () -> objects(file));
    assertTrue(refused.getMessage().contains("back to itself"), refused.getMessage());
  }

  @Test
  void aFileThatIsNoBundleIsNamed() throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, "{\"resourceType\": \"Patient\", \"id\": \"p\"}");
    DemoException refused = assertThrows(DemoException.class, () -> objects(file));
    assertTrue(refused.getMessage().contains("other.json is not a FHIR Bundle"));
  }

  @Test
  void aFileThatIsNoJsonIsNamed() throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, "<Bundle/>");
    DemoException refused = assertThrows(DemoException.class, () -> objects(file));
    assertTrue(refused.getMessage().contains("other.json is not JSON"));
  }

  @Test
  void theSameResourceTwiceIsRefused() throws IOException {
    Files.writeString(folder.resolve("again.json"), PATIENT);
    assertThrows(DemoException.class, () -> objects(folder));
  }

  /** Runs where Synthea's sample lies beside the project. */
  @Test
  void syntheaDataIsResolvedCompletely() throws IOException {
    Path data = Path.of(System.getProperty("user.dir"));
    while (data != null && !Files.exists(data.resolve("shared/data/synthea-hiv-small.tar.xz"))) {
      data = data.getParent();
    }
    Assumptions.assumeTrue(data != null, "the sample is not here");
    BundleSource source = BundleSource.open(data.resolve("shared/data/synthea-hiv-small.tar.xz"));
    Set<String> before = new HashSet<>();
    Map<ObjectKind, Integer> counts = new HashMap<>();
    LeftOut leftOut =
        source.deliverTo(
            object -> {
              assertTrue(before.containsAll(object.references()), object::key);
              before.add(object.key());
              counts.merge(object.kind(), 1, Integer::sum);
            });
    assertEquals(17, counts.get(ObjectKind.PATIENT));
    assertEquals(880, counts.get(ObjectKind.ENCOUNTER));
    assertEquals(3485, counts.get(ObjectKind.OBSERVATION));
    assertEquals(1191, counts.get(ObjectKind.PROVIDER));
    assertEquals(source.size(), before.size());
    assertEquals(880L, leftOut.resources().get("Claim"));
    assertEquals(Map.of(), leftOut.references());
  }

  private static Map<String, SourceObject> byKey(List<SourceObject> objects) {
    Map<String, SourceObject> byKey = new HashMap<>();
    objects.forEach(object -> byKey.put(object.key(), object));
    return byKey;
  }

  private static List<SourceObject> objects(Path path) throws IOException {
    List<SourceObject> objects = new ArrayList<>();
    BundleSource.open(path).deliverTo(objects::add);
    return objects;
  }
}
