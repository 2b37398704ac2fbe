package org.openmrs.sync2.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a node's process takes at one moment.
 *
 * @param node its name
 * @param quarter of the time, from 0
 * @param figures by name: bytes, or a number of threads, handles or files
 */
record SoakSample(String node, int quarter, Map<String, Long> figures) {

  static SoakSample of(String name, int quarter, NodeProcess node) throws Exception {
    long heap = liveHeap(node.pid());
    Path process = Path.of("/proc", Long.toString(node.pid()));
    // The JVM has touched all of its heap at its start: the rest is native.
    long resident = statusKilobytes(process, "VmRSS") * 1024;
    return new SoakSample(
        name,
        quarter,
        Map.of(
            "heapBytes", heap,
            "nativeBytes", resident - (JavaProcess.MEASURED_HEAP_MEGABYTES << 20),
            "threads", entries(process.resolve("task")),
            "handles", entries(process.resolve("fd")),
            "files", filesBelow(node.data())));
  }

  /** What is reachable, by the sum of the histogram after a full collection. */
  private static long liveHeap(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String total =
        jcmd.inputReader().lines().filter(line -> line.startsWith("Total")).findFirst().orElse("");
    jcmd.waitFor();
    String[] words = total.trim().split("\\s+");
    if (words.length < 3) {
      throw new IOException("jcmd told nothing of process " + pid);
    }
    return Long.parseLong(words[2]);
  }

  private static long statusKilobytes(Path process, String name) throws IOException {
    try (Stream<String> lines = Files.lines(process.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  private static long filesBelow(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(Files::isRegularFile).count();
    }
  }
}
