package org.openmrs.sync2;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * The files that {@code parent.caFile} may name when somebody sets it over HTTP: regular files of
 * at most 1 MiB in one directory. Nothing is said of files elsewhere, not even whether they are
 * there.
 */
public final class CertificateFiles {

  private static final long LARGEST_BYTES = 1L << 20;

  private final Path directory;

  /**
   * @param directory the data directory of the program
   */
  public CertificateFiles(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /**
   * Opens a file, before anything is kept that names it.
   *
   * @throws SyncConfigurationException when it is none of those
   */
  void check(String file) {
    Path path = within(file);
    try {
      if (!path.toRealPath().startsWith(directory.toRealPath())) {
        throw elsewhere();
      }
      if (!Files.isRegularFile(path) || Files.size(path) > LARGEST_BYTES) {
        throw refusal("must be a regular file of at most 1 MiB");
      }
      try (InputStream in = Files.newInputStream(path)) {
        in.read();
      }
    } catch (IOException e) {
      throw refusal("is not there, or cannot be read");
    }
  }

  private Path within(String file) {
    Path path;
    try {
      path = Paths.get(file);
    } catch (InvalidPathException e) {
      throw refusal("is no path of a file");
    }
    if (!path.isAbsolute() || !path.normalize().startsWith(directory)) {
      throw elsewhere();
    }
    return path;
  }

  private SyncConfigurationException elsewhere() {
    return refusal("must be the whole path of a file in " + directory);
  }

  private static SyncConfigurationException refusal(String problem) {
    return new SyncConfigurationException("parent.caFile: " + problem);
  }
}
