// Texts whose message depends on a word of the engine's.
import type { TFunction } from "i18next";

/** The message with that key where there is one, else the other one, which says the word itself. */
function known(t: TFunction, key: string, otherwise: string, values: Record<string, unknown> = {}): string {
  // The key is made of a word of the engine's, so no type can name it.
  const translate = t as unknown as (keys: string[], values: Record<string, unknown>) => string;
  return translate([key, otherwise], values);
}

/** "3 patients": so many objects of a category. One that has no plural here is told by its name. */
export function objects(t: TFunction, category: string, count: number): string {
  return known(t, `category.${category}`, "category.other", { count, category: categoryName(t, category) });
}

/** "Patient": one of a category, by its name alone. */
export function categoryName(t: TFunction, category: string): string {
  return known(t, `categoryName.${category}`, "categoryName.other", { category });
}

/** What a check before the first sync is about. */
export function checkName(t: TFunction, check: string): string {
  return known(t, `preflight.check.${check}`, "preflight.check.other", { check });
}

/** Returns the meaning of a failure of that kind. */
export function meaning(t: TFunction, kind: string): string {
  return known(t, `failure.${kind}`, "failure.other");
}

/** Returns the advice about a failure of that kind. */
export function advice(t: TFunction, kind: string): string {
  return known(t, `advice.${kind}`, "advice.other");
}

/** Returns the result of an event or a run, by the engine's word for it. */
export function outcome(t: TFunction, status: string): string {
  return known(t, `outcome.${status}`, "outcome.other", { status });
}

/** Returns the decision, by the engine's word for it. */
export function decided(t: TFunction, choice: string): string {
  return known(t, `several.${choice}`, "decided.other", { choice });
}

/** Returns why an object or a category is not compared, or what it waits for, by the engine's word for it. */
export function whyNot(t: TFunction, why: string): string {
  return known(t, `whyNot.${why}`, "whyNot.other", { why });
}
