package org.openmrs.sync2.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many objects of each class a server holds, as {@code jcmd PID GC.class_histogram} says. */
public final class Histogram {

  /** Such as {@code 12: 345 67890 org.openmrs.Patient}, perhaps with a module behind. */
  private static final Pattern LINE =
      Pattern.compile("^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+(\\S+)", Pattern.MULTILINE);

  private final Map<String, Long> instances = new HashMap<>();

  private Histogram() {}

  /** Of what this command prints. */
  static Histogram printedBy(String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("/bin/sh", "-c", command).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("failed with " + process.exitValue() + ": " + command);
    }
    return of(printed);
  }

  /** Of what such a command has printed. A class of two class loaders counts with both. */
  static Histogram of(String printed) {
    Histogram histogram = new Histogram();
    Matcher line = LINE.matcher(printed);
    while (line.find()) {
      histogram.instances.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum);
    }
    return histogram;
  }

  /** How many there are of a class; 0 where it is not listed. */
  public long count(String className) {
    return instances.getOrDefault(className, 0L);
  }
}
