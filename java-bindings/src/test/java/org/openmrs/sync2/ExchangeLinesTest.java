package org.openmrs.sync2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a stream is cut into groups of lines. */
class ExchangeLinesTest {

  @Test
  void linesAreGivenWholeAndEmptyOnesPassedOver() throws Exception {
    assertEquals(Arrays.asList("a\nb\nc\n"), groups("a\n\nb\n\nc", 10));
    assertEquals(Collections.emptyList(), groups("", 10));
    assertEquals(Collections.emptyList(), groups("\n\n", 10));
  }

  @Test
  void groupHasNoMoreLinesThanAllowed() throws Exception {
    String line = "line\n";
    List<String> groups = groups(repeated(line, 2 * ExchangeLines.MOST_LINES + 1), 10);
    String full = repeated(line, ExchangeLines.MOST_LINES);
    assertEquals(Arrays.asList(full, full, line), groups);
  }

  @Test
  void groupHasFewLinesWhenTheyAreLong() throws Exception {
    String line = repeated("x", ExchangeLines.FULL_BYTES / 2) + "\n";
    List<String> groups = groups(repeated(line, 3), line.length());
    assertEquals(Arrays.asList(repeated(line, 2), line), groups);
  }

  @Test
  void lineThatIsTooLongIsCutAndTheNextIsNot() throws Exception {
    List<String> groups = groups(repeated("x", 1 << 20) + "\nnext\n", 8);
    assertEquals(Arrays.asList("xxxxxxxx\nnext\n"), groups);
  }

  /** More than the machine has memory for. */
  @Test
  void streamOfOneEndlessLineTakesLittleMemory() throws Exception {
    InputStream endless =
        new InputStream() {
          private long left = 1L << 33;

          @Override
          public int read() {
            throw new UnsupportedOperationException("read in parts");
          }

          @Override
          public int read(byte[] part, int from, int length) {
            left -= length;
            return left < 0 ? -1 : length;
          }
        };
    assertEquals(1001, new ExchangeLines(endless, 1000).nextGroup().length);
    assertTrue(endless.read(new byte[1], 0, 1) < 0);
  }

  private static String repeated(String text, int times) {
    return String.join("", Collections.nCopies(times, text));
  }

  private static List<String> groups(String stream, long largestLine) throws IOException {
    ExchangeLines lines =
        new ExchangeLines(new ByteArrayInputStream(stream.getBytes(UTF_8)), largestLine);
    List<String> groups = new ArrayList<>();
    for (byte[] group = lines.nextGroup(); group != null; group = lines.nextGroup()) {
      groups.add(new String(group, UTF_8));
    }
    return groups;
  }
}
