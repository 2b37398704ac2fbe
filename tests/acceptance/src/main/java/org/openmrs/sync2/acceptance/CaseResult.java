package org.openmrs.sync2.acceptance;

import java.util.List;

/**
 * What became of a case.
 *
 * @param why it failed or was skipped; empty when it passed
 * @param notes what it measured or found
 */
record CaseResult(String name, Outcome outcome, String why, List<String> notes, double seconds) {

  /** How a case can end. */
  enum Outcome {
    ok,
    FAILED,
    skipped
  }

  /** Such as {@code ok patient-created (4.2 s)}. */
  String line() {
    StringBuilder line = new StringBuilder("%s %s (%.1f s)".formatted(outcome, name, seconds));
    if (!why.isEmpty()) {
      line.append(": ").append(why);
    }
    notes.forEach(note -> line.append("\n   ").append(note));
    return line.toString();
  }
}
