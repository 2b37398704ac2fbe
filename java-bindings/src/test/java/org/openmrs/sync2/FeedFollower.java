package org.openmrs.sync2;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the feed of a node from its beginning, as a child does, and remembers the patients. */
final class FeedFollower {

  static final String FEED = "https://emr.example.org/openmrs/ws/rest/v1/sync2/feed/";

  private static final Pattern PATIENT = Pattern.compile("\"rest\":\"/ws/rest/v1/patient/([^\"]+)");

  private final SyncEngine engine;
  private final List<String> patients = new ArrayList<>();
  private int page = 1;

  /** How many patients of the current page are known. */
  private int known;

  FeedFollower(SyncEngine engine) {
    this.engine = engine;
  }

  /**
   * Reads the page that it is at, and goes on to the next one when there is one.
   *
   * @return whether there was anything new
   */
  boolean poll() {
    String document;
    try {
      document = engine.feedPage(FEED + page, null).document();
    } catch (SyncNotFoundException e) {
      return false; // The feed has not begun.
    }
    List<String> onPage = patients(document);
    boolean grown = onPage.size() > known;
    patients.addAll(onPage.subList(known, onPage.size()));
    known = onPage.size();
    boolean followed = document.contains("rel=\"next-archive\"");
    if (followed) {
      page++;
      known = 0;
    }
    return grown || followed;
  }

  /** In the order of the feed. */
  List<String> patients() {
    return Collections.unmodifiableList(patients);
  }

  static List<String> patients(String document) {
    List<String> found = new ArrayList<>();
    for (Matcher match = PATIENT.matcher(document); match.find(); ) {
      found.add(match.group(1));
    }
    return found;
  }
}
