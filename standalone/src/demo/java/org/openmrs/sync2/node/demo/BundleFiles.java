package org.openmrs.sync2.node.demo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The FHIR Bundles at a path: a {@code .json} file, a folder of them, or a {@code .tar.xz} archive.
 * They are read entry by entry and never unpacked to disk.
 */
final class BundleFiles {

  /** The work on an entry of a Bundle. */
  @FunctionalInterface
  interface EntryConsumer {
    void accept(String fileName, JsonNode entry) throws IOException;
  }

  /** Enough for any Bundle that the xz dictionary of a sensible archive needs. */
  private static final int XZ_MEMORY_KIB = 256 * 1024;

  private final Path path;

  BundleFiles(Path path) {
    this.path = path;
  }

  /** Reads every entry of every Bundle, in the order of file names or of the archive. */
  void forEachEntry(EntryConsumer consumer) throws IOException {
    if (Files.isDirectory(path)) {
      readFolder(consumer);
    } else if (path.toString().endsWith(".tar.xz")) {
      readArchive(consumer);
    } else {
      readFile(path, consumer);
    }
  }

  private void readFolder(EntryConsumer consumer) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(path)) {
      files = all.filter(file -> isBundleName(file.toString())).sorted().toList();
    }
    for (Path file : files) {
      readFile(file, consumer);
    }
  }

  private static void readFile(Path file, EntryConsumer consumer) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      readBundle(file.toString(), in, consumer);
    }
  }

  private void readArchive(EntryConsumer consumer) throws IOException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        InputStream unpacked = new XZCompressorInputStream(file, false, XZ_MEMORY_KIB);
        TarArchiveInputStream archive = new TarArchiveInputStream(unpacked, "UTF-8")) {
      for (TarArchiveEntry entry; (entry = archive.getNextEntry()) != null; ) {
        if (entry.isFile() && isBundleName(entry.getName())) {
          readBundle(path + ":" + entry.getName(), archive, consumer);
        }
      }
    }
  }

  private static boolean isBundleName(String name) {
    return name.endsWith(".json");
  }

  private static void readBundle(String name, InputStream in, EntryConsumer consumer)
      throws IOException {
    try (JsonParser parser = Json.MAPPER.createParser(in)) {
      parser.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      boolean isBundle = false;
      parser.nextToken();
      for (String field; (field = parser.nextFieldName()) != null; ) {
        JsonToken value = parser.nextToken();
        if (field.equals("entry") && value == JsonToken.START_ARRAY) {
          readEntries(name, parser, consumer);
        } else if (field.equals("resourceType")) {
          isBundle = parser.getText().equals("Bundle");
        } else {
          parser.skipChildren();
        }
      }
      if (!isBundle) {
        throw new DemoException(name + " is not a FHIR Bundle");
      }
    } catch (JsonProcessingException e) {
      throw new DemoException(name + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void readEntries(String name, JsonParser parser, EntryConsumer consumer)
      throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      consumer.accept(name, parser.readValueAsTree());
    }
  }
}
