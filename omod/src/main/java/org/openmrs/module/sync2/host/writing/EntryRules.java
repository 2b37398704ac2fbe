package org.openmrs.module.sync2.host.writing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.openmrs.OpenmrsObject;
import org.openmrs.sync2.SyncRejectedException;

/**
 * The rules of data entry of this server, which one document is held against. What happened
 * elsewhere happened: a rule that it does not keep is recorded, and the document is saved all the
 * same. Where the configuration wants it strictly, it is refused.
 */
public final class EntryRules {

  /** Asks OpenMRS's validators about an object. Leaves the object as it was. */
  public interface Validators {

    /** The rules that it does not keep. */
    List<BrokenRule> broken(OpenmrsObject object);
  }

  private final Validators validators;

  /** Which broken rules do not refuse an object. */
  private final Predicate<BrokenRule> passable;

  private final Set<String> recorded = new LinkedHashSet<>();

  private EntryRules(Validators validators, Predicate<BrokenRule> passable) {
    this.validators = validators;
    this.passable = passable;
  }

  /** Records what is broken, as long as OpenMRS can hold the object. */
  public static EntryRules recording(Validators validators) {
    return new EntryRules(validators, BrokenRule::isHoldable);
  }

  /** Refuses what breaks a rule. */
  public static EntryRules strict(Validators validators) {
    return new EntryRules(validators, rule -> false);
  }

  /**
   * Holds an object against the rules.
   *
   * @param matters tells the rules that are about this object from those that are not
   * @throws SyncRejectedException when it is refused, with all that is broken
   */
  public void hold(OpenmrsObject object, Predicate<BrokenRule> matters) {
    List<BrokenRule> broken =
        validators.broken(object).stream().filter(matters).collect(Collectors.toList());
    if (!broken.stream().allMatch(passable)) {
      throw new SyncRejectedException("OpenMRS refuses it: " + words(broken));
    }
    broken.forEach(rule -> recorded.add(rule.words()));
  }

  /** The rules that were broken and recorded, each once. */
  public List<String> recorded() {
    return Collections.unmodifiableList(new ArrayList<>(recorded));
  }

  private static String words(List<BrokenRule> broken) {
    return broken.stream().map(BrokenRule::words).distinct().collect(Collectors.joining("; "));
  }
}
