package org.openmrs.sync2.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class GeneratorTest {

  private static final int SEEDS = 400;

  @Test
  void scheduleFollowsFromItsSeed() {
    assertEquals(Generator.schedule(17), Generator.schedule(17));
    assertNotEquals(Generator.schedule(17).text(), Generator.schedule(18).text());
  }

  @Test
  void everyStepFaultAndDeedComesInSomeSchedule() {
    Set<String> steps = new TreeSet<>();
    Set<Fault.Kind> faults = EnumSet.noneOf(Fault.Kind.class);
    Set<Step.Deed> deeds = EnumSet.of(Step.Deed.DECIDE);
    for (long seed = 1; seed <= SEEDS; seed++) {
      for (Step step : Generator.schedule(seed).steps()) {
        steps.add(step.getClass().getSimpleName());
        if (step instanceof Step.Arm arm) {
          faults.add(arm.fault().kind());
        } else if (step instanceof Step.Write write) {
          deeds.add(write.deed());
        }
      }
    }
    assertEquals(EnumSet.allOf(Fault.Kind.class), faults);
    assertEquals(EnumSet.allOf(Step.Deed.class), deeds);
    Arrays.stream(Step.class.getPermittedSubclasses())
        .map(Class::getSimpleName)
        .forEach(name -> assertEquals(true, steps.contains(name), name));
  }
}
