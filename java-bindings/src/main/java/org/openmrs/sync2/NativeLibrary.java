package org.openmrs.sync2;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.slf4j.LoggerFactory;

/**
 * Unpacks the native library and loads it, once per class loader.
 *
 * <p>A container that restarts a module makes a new class loader, and one file can be loaded by one
 * class loader at a time. The file of a class loader that is gone is loaded again: it is still
 * mapped into the process, and another file would be mapped beside it for as long as the process
 * runs. Where there is none, a start gets a file of its own. Files of earlier processes are deleted
 * at the next start.
 */
public final class NativeLibrary {

  private static final String PREFIX = "sync2-";
  private static final String SUFFIX = ".native";

  /**
   * A file that is younger may be one that another process is about to load; one that is as much
   * younger than now was unpacked while the clock was ahead.
   */
  private static final Duration LEFTOVER_AGE = Duration.ofMinutes(1);

  /**
   * The system property with the files that this process has mapped: what is static here is gone
   * with the class loader.
   */
  private static final String MAPPED = "org.openmrs.sync2.mappedLibraries";

  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library of this platform. Does nothing when it is loaded already.
   *
   * @param directory where it is unpacked to; created when missing. It must allow execution, which
   *     temporary directories often don't: give the application's data directory.
   * @throws SyncConfigurationException when there is no library for this platform, or it cannot be
   *     unpacked or loaded
   */
  public static synchronized void load(Path directory) {
    if (loaded) {
      return;
    }
    String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    try {
      // Class loaders of one process take turns.
      synchronized (Runtime.getRuntime()) {
        loadForPlatform(platform, directory);
      }
      loaded = true;
    } catch (IOException | UnsatisfiedLinkError e) {
      throw failure("the native library of Sync 2 cannot be loaded from " + directory + ": " + e);
    }
  }

  private static void loadForPlatform(String platform, Path directory) throws IOException {
    Set<String> mapped = mapped();
    String prefix = PREFIX + digest(platform) + "-";
    for (String file : mapped) {
      if (Paths.get(file).getFileName().toString().startsWith(prefix) && loads(file)) {
        return;
      }
    }
    Files.createDirectories(directory);
    deleteLeftovers(directory, mapped);
    try (InputStream library = resource(platform)) {
      String file = unpack(library, directory, prefix).toAbsolutePath().toString();
      System.load(file);
      mapped.add(file);
      System.setProperty(MAPPED, String.join(File.pathSeparator, mapped));
    }
  }

  /** Returns false while the class loader that loaded it is there, and where the file is gone. */
  private static boolean loads(String file) {
    try {
      System.load(file);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private static Set<String> mapped() {
    String files = System.getProperty(MAPPED, "");
    Set<String> mapped = new LinkedHashSet<>(Arrays.asList(files.split(File.pathSeparator)));
    mapped.remove("");
    return mapped;
  }

  /** Another version of the module, updated in the same process, has another library. */
  private static String digest(String platform) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream library = new DigestInputStream(resource(platform), digest)) {
        byte[] part = new byte[8192];
        while (library.read(part) >= 0) {}
      }
      return String.format("%064x", new BigInteger(1, digest.digest())).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has SHA-256", e);
    }
  }

  static InputStream resource(String platform) {
    String name = "/native/" + platform + "/" + System.mapLibraryName("sync2");
    InputStream library = NativeLibrary.class.getResourceAsStream(name);
    if (library == null) {
      throw failure("Sync 2 has no native library for this platform (" + platform + ")");
    }
    return library;
  }

  /** The folder of a platform's library, such as {@code linux-x86_64}. */
  static String platform(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT).split(" ")[0];
    String arch = osArch.toLowerCase(Locale.ROOT);
    return os + "-" + (arch.equals("amd64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch);
  }

  /** Nobody else may write, or read, what this process will run. Windows has no such bits. */
  private static FileAttribute<?>[] ofOwner(Path directory) throws IOException {
    boolean hasBits =
        Files.getFileStore(directory).supportsFileAttributeView(PosixFileAttributeView.class);
    Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
    return hasBits
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(owner)}
        : new FileAttribute<?>[0];
  }

  /** Through one channel, to a file that is new: nobody can put another in its place meanwhile. */
  static Path unpack(InputStream library, Path directory, String prefix) throws IOException {
    Path file = directory.resolve(prefix + UUID.randomUUID() + SUFFIX);
    Set<OpenOption> options =
        new HashSet<>(Arrays.asList(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    try (OutputStream out =
        Channels.newOutputStream(Files.newByteChannel(file, options, ofOwner(directory)))) {
      byte[] part = new byte[8192];
      for (int read = library.read(part); read >= 0; read = library.read(part)) {
        out.write(part, 0, read);
      }
    }
    return file;
  }

  /** Deletes files of earlier processes, but those that are mapped into this one. */
  static void deleteLeftovers(Path directory, Set<String> mapped) throws IOException {
    Instant now = Instant.now();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        Duration age = Duration.between(Files.getLastModifiedTime(file).toInstant(), now);
        boolean isOld = age.abs().compareTo(LEFTOVER_AGE) > 0;
        if (isOld && !mapped.contains(file.toAbsolutePath().toString())) {
          deleteUnlessInUse(file);
        }
      }
    }
  }

  private static void deleteUnlessInUse(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Windows keeps a loaded library; the start after its process has ended deletes it.
      LoggerFactory.getLogger(NativeLibrary.class).debug("{} is still in use", file);
    }
  }

  private static SyncConfigurationException failure(String message) {
    return new SyncConfigurationException(message, null, SyncException.NO_WAIT);
  }
}
