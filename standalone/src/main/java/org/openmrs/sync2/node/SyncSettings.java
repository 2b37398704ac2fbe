package org.openmrs.sync2.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.openmrs.sync2.ConfigurationDocument;

/**
 * The engine's configuration of a node. Where the node file has one, that holds and nobody changes
 * it over HTTP. Else it is what was saved over HTTP, in a file of the data directory that only the
 * owner of the process may read: it has the password in it, as a node file has.
 */
final class SyncSettings {

  private final NodeConfig config;

  SyncSettings(NodeConfig config) {
    this.config = config;
  }

  /**
   * The document that holds now.
   *
   * @throws UncheckedIOException when its file cannot be read
   */
  ConfigurationDocument document() {
    Optional<Path> file = config.settingsFile().filter(Files::exists);
    return ConfigurationDocument.parse(file.map(this::read).orElse(config.sync()));
  }

  private String read(Path file) {
    try {
      return config.withOwnersAccount(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Keeps a document: all of it is on the disk, or the one before.
   *
   * @throws UnsupportedOperationException when the node file has the configuration
   * @throws UncheckedIOException when it cannot be written
   */
  void keep(ConfigurationDocument document) {
    Path file = file();
    try {
      Path written = Files.createTempFile(file.getParent(), "sync", ".json", forOwner(file));
      Files.writeString(written, document.json());
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the file system knows owners. */
  private static FileAttribute<?>[] forOwner(Path file) {
    boolean knowsOwners = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return knowsOwners
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private Path file() {
    return config
        .settingsFile()
        .orElseThrow(
            () ->
                new UnsupportedOperationException(
                    "this node has its configuration in the file that it was started with:"
                        + " change that and start it again"));
  }

  /**
   * Fails where no document could be kept.
   *
   * @throws UnsupportedOperationException when the node file has the configuration
   */
  void requireChangeable() {
    file();
  }
}
