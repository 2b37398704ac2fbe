package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The resources of FHIR R4 transaction Bundles, as Synthea writes them, each under its own id.
 * {@code urn:uuid:} and conditional references are replaced by what they lead to. A server that
 * keeps references whole cannot store one to a resource that is left out, so such references are
 * taken out and counted.
 */
final class BundleSource implements ObjectSource {

  private final BundleFiles files;
  private final BundleIndex index;

  private BundleSource(BundleFiles files, BundleIndex index) {
    this.files = files;
    this.index = index;
  }

  /**
   * Reads all Bundles once, for what their references lead to.
   *
   * @param path a file, a folder or a {@code .tar.xz} archive
   */
  static BundleSource open(Path path) throws IOException {
    BundleFiles files = new BundleFiles(path);
    BundleIndex index = new BundleIndex();
    files.forEachEntry(index::add);
    if (index.size() == 0) {
      throw new DemoException(path + " has no FHIR Bundle with resources that can be loaded");
    }
    return new BundleSource(files, index);
  }

  @Override
  public long size() {
    return index.size();
  }

  /**
   * Objects of the site are read and handed over first, so that little has to be held: the Bundles
   * of hospitals often come after those of their patients.
   */
  @Override
  public LeftOut deliverTo(Consumer<SourceObject> consumer) throws IOException {
    SortedMap<String, Long> takenOut = new TreeMap<>();
    DependencyOrder order = new DependencyOrder(consumer);
    deliver(ObjectKind::isOfTheSite, takenOut, order);
    deliver(kind -> !kind.isOfTheSite(), takenOut, order);
    order.finish();
    return new LeftOut(index.uncovered(), takenOut);
  }

  private void deliver(
      Predicate<ObjectKind> wanted, SortedMap<String, Long> takenOut, DependencyOrder order)
      throws IOException {
    files.forEachEntry(
        (fileName, entry) -> {
          String type = entry.path("resource").path("resourceType").asText();
          Optional<ObjectKind> kind = ObjectKind.ofFhirType(type).filter(wanted);
          if (kind.isPresent()) {
            order.accept(resolved(kind.get(), BundleIndex.idOf(fileName, entry), entry, takenOut));
          }
        });
  }

  private SourceObject resolved(
      ObjectKind kind, String id, JsonNode entry, SortedMap<String, Long> takenOut) {
    ObjectNode document = (ObjectNode) entry.get("resource");
    document.put("id", id);
    References.rewrite(
        document,
        (path, reference) -> {
          Optional<String> target = target(reference);
          if (target.isEmpty()) {
            String lost = kind.type() + "." + path + " -> " + typeOf(reference);
            takenOut.merge(lost, 1L, Long::sum);
          }
          return target;
        });
    return new SourceObject(kind, id, document);
  }

  /** Returns the text in the loaded document for a reference; empty when it must go. */
  private Optional<String> target(String reference) {
    if (reference.startsWith("#")) {
      return Optional.of(reference);
    }
    return index.resolve(reference).filter(key -> ObjectKind.ofFhirType(type(key)).isPresent());
  }

  private String typeOf(String reference) {
    return index.resolve(reference).map(BundleSource::type).orElse("not in the data");
  }

  private static String type(String key) {
    return key.substring(0, key.indexOf('/'));
  }
}
