package org.openmrs.sync2.acceptance;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long each of many saves took. Pure.
 *
 * @param saves in any order
 */
public record SaveTimes(List<Duration> saves) {

  public int count() {
    return saves.size();
  }

  /**
   * The time within which so many of a hundred were done, by nearest rank.
   *
   * @param percent above 0 and at most 100; there is at least one save
   */
  public Duration percentile(int percent) {
    List<Duration> sorted = saves.stream().sorted().toList();
    return sorted.get((sorted.size() * percent + 99) / 100 - 1);
  }

  /** All of them together. */
  static SaveTimes of(List<SaveTimes> several) {
    return new SaveTimes(several.stream().flatMap(times -> times.saves.stream()).toList());
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("saves", count());
    json.put("p50Millis", percentile(50).toMillis());
    json.put("p99Millis", percentile(99).toMillis());
    return json;
  }

  @Override
  public String toString() {
    return String.format(
        "%d saves, p50 %d ms, p99 %d ms",
        count(), percentile(50).toMillis(), percentile(99).toMillis());
  }
}
