package org.openmrs.sync2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, aarch64, linux-aarch64",
    "Mac OS X, arm64, mac-aarch64",
    "Windows Server 2019, amd64, windows-x86_64"
  })
  void everyPlatformHasItsFolder(String osName, String osArch, String folder) {
    assertEquals(folder, NativeLibrary.platform(osName, osArch));
  }

  @Test
  void aPlatformWithoutALibraryIsNamed() {
    SyncConfigurationException thrown =
        assertThrows(SyncConfigurationException.class, () -> NativeLibrary.resource("plan9-mips"));
    assertTrue(thrown.getMessage().contains("plan9-mips"), thrown.getMessage());
  }

  @Test
  void everyFileIsNewAndLeftoversGo() throws IOException {
    Path first =
        NativeLibrary.unpack(new ByteArrayInputStream(new byte[] {1}), directory, "sync2-");
    Path second =
        NativeLibrary.unpack(new ByteArrayInputStream(new byte[] {2}), directory, "sync2-");
    assertFalse(first.equals(second));
    if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(first)));
    }
    Path other = Files.createFile(directory.resolve("data.db"));
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
    Files.setLastModifiedTime(first, old);
    Files.setLastModifiedTime(other, old);
    NativeLibrary.deleteLeftovers(directory, Collections.emptySet());
    assertFalse(Files.exists(first));
    assertTrue(Files.exists(second), "another process may be about to load it");
    assertTrue(Files.exists(other), "only our own files are deleted");
  }

  @Test
  void leftoversOfAClockThatWasWrongGoToo() throws IOException {
    for (Duration age : new Duration[] {Duration.ofDays(365), Duration.ofDays(-365)}) {
      Path file =
          NativeLibrary.unpack(new ByteArrayInputStream(new byte[] {1}), directory, "sync2-");
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
      NativeLibrary.deleteLeftovers(directory, Collections.emptySet());
      assertFalse(Files.exists(file), age.toString());
    }
  }

  @Test
  void fileThatThisProcessHasMappedIsNotDeleted() throws IOException {
    Path file = NativeLibrary.unpack(new ByteArrayInputStream(new byte[] {1}), directory, "sync2-");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
    NativeLibrary.deleteLeftovers(
        directory, Collections.singleton(file.toAbsolutePath().toString()));
    assertTrue(Files.exists(file));
  }
}
