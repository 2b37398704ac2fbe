package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.openmrs.sync2.Failures.assertFails;

import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** What crosses between Java and Rust comes out as it went in, errors and panics too. */
class BoundaryTest {

  @Test
  void hostMethodGetsWhatRustGaveAndReturnsWhatJavaGave() {
    RecordingHost host = new RecordingHost();
    String[] answers = new String(NativeTesting.callHost(host), UTF_8).split("\n");
    byte[] allBytes = new byte[256];
    for (int value = 0; value < allBytes.length; value++) {
      allBytes[value] = (byte) value;
    }
    String values =
        Arrays.deepToString(
            new Object[] {
              null, Long.MIN_VALUE, Long.MAX_VALUE, "", "nul \0, ä, 漢, 😀", new byte[0], allBytes
            });
    assertEquals(
        Arrays.asList(
            "begin",
            "update UPDATE ? " + values,
            "updateAll INSERT ? 3",
            "query SELECT ?",
            "save fhir patient p-1 {\"ä\":1}",
            "remove rest patient p-1 VOIDED: entered twice",
            "clear",
            "expectReads fhir [patient, patient] [p-1, absent]",
            "read fhir patient p-1 true",
            "read fhir patient absent false",
            "read rest patient removed false",
            "dependents patient p-1",
            "whyRemoved [patient, patient] [p-1, removed]",
            "exists [patient, patient] [p-1, absent]",
            "commit",
            "rollback"),
        host.calls);
    assertEquals(
        Arrays.asList(
            "H2",
            "7",
            "[7, 0, 7]",
            "true",
            "Present([1, 2])",
            "Absent",
            "Removed",
            "[true, false]",
            "[Dependent { object: ObjectId { category: visit, uuid: \"v-1\" }, removed: true,"
                + " label: \"visit of 10 Nov\" }]",
            "[None, Some(\"entered twice\")]"),
        Arrays.asList(answers));
  }

  @Test
  void eachKindOfErrorComesThroughWithAllThatItTells() {
    for (String kind : NativeTesting.errorKinds().split(" ")) {
      SyncException thrown = assertFails(kind, () -> NativeTesting.fail(kind));
      assertEquals("on purpose (http://127.0.0.1/)", thrown.getMessage());
      assertEquals("http://127.0.0.1/", thrown.url());
      assertEquals(1500, thrown.retryAfterMillis());
    }
  }

  @Test
  void kindsThatAreToldApartHaveAClassOfTheirOwn() {
    assertThrows(SyncAlreadyRunningException.class, () -> NativeTesting.fail("AlreadyRunning"));
    assertThrows(SyncBusyException.class, () -> NativeTesting.fail("Busy"));
    assertThrows(SyncClosedException.class, () -> NativeTesting.fail("Closed"));
    assertThrows(SyncConfigurationException.class, () -> NativeTesting.fail("Configuration"));
    assertThrows(SyncDuplicateException.class, () -> NativeTesting.fail("Duplicate"));
    assertThrows(SyncNotFoundException.class, () -> NativeTesting.fail("NotFound"));
    assertThrows(SyncRejectedException.class, () -> NativeTesting.fail("Rejected"));
  }

  @Test
  void aPanicIsAnExceptionAndTheLibraryGoesOn() {
    SyncException thrown = assertFails("Internal", NativeTesting::panic);
    assertTrue(thrown.getMessage().contains("on purpose"), thrown.getMessage());
    assertTrue(NativeTesting.errorKinds().startsWith("Unreachable"));
  }

  @Test
  void aPanicInATransactionRollsItBack() {
    RecordingHost host = new RecordingHost();
    assertFails("Internal", () -> NativeTesting.panicInTransaction(host));
    assertEquals(Arrays.asList("begin", "rollback"), host.calls);
  }

  @Test
  void exceptionOfTheHostArrivesWithItsKindClassAndMessage() {
    assertEquals("Rejected: no name", savedBy(new SyncRejectedException("no name")));
    assertEquals("Duplicate: of p-2", savedBy(new SyncDuplicateException("of p-2")));
    assertEquals(
        "Duplicate: a second ward, beside 'Ward 1' l-1",
        savedBy(new SyncDuplicateException("a second ward", "Ward 1", "l-1")));
    assertEquals(
        "Duplicate: no uuid", savedBy(new SyncDuplicateException("no uuid", "Ward 1", "l 1")));
    assertEquals(
        "Host: java.io.IOException: disk full", savedBy(new java.io.IOException("disk full")));
    assertEquals("Host: java.lang.IllegalStateException", savedBy(new IllegalStateException()));
    assertEquals("Host: " + Unprintable.class.getName(), savedBy(new Unprintable()));
  }

  @Test
  void aLongMessageOfTheHostIsCut() {
    String message = String.join("", Collections.nCopies(100_000, "x"));
    assertTrue(savedBy(new IllegalStateException(message)).length() < 3000);
  }

  @Test
  void aValueThatIsNotOfTheFourTypesIsAnErrorThatNamesItsClass() {
    RecordingHost host =
        new RecordingHost() {
          @Override
          public Object[][] query(String statement, Object[] parameters) {
            return new Object[][] {{1.5}};
          }
        };
    SyncException thrown = assertFails("Host", () -> NativeTesting.callHost(host));
    assertTrue(thrown.getMessage().contains("java.lang.Double"), thrown.getMessage());
    assertTrue(host.calls.contains("rollback"), "the open transaction is rolled back");
  }

  @Test
  void anAnswerThatIsTooShortIsAnError() {
    RecordingHost host =
        new RecordingHost() {
          @Override
          public boolean[] exists(String[] categories, String[] uuids) {
            return new boolean[0];
          }
        };
    SyncException thrown = assertFails("Host", () -> NativeTesting.callHost(host));
    assertTrue(thrown.getMessage().contains("exists()"), thrown.getMessage());
  }

  private static String savedBy(Exception failure) {
    return NativeTesting.errorOfSave(
        new RecordingHost() {
          @Override
          public void save(String representation, String category, String uuid, byte[] json)
              throws Exception {
            throw failure;
          }
        });
  }

  private static final class Unprintable extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage fails too");
    }
  }
}
