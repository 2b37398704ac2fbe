// The first set-up: what is saved at each step, and what the first pull comes to.
import type { Run } from "../api";
import { CATEGORIES } from "./known";
import { valueAt, withValue, type Document } from "./settings";

/** Returns true if somebody has said who the parent of this server is, or that it has none. */
export function isSetUp(document: Document): boolean {
  return valueAt(document, "parent.url") !== undefined || valueAt(document, "pull.enabled") === false;
}

/** Of a server without a parent. */
export function onlyServing(document: Document): Document {
  return withValue(document, "pull.enabled", false);
}

/** To reach the parent, and to do nothing with it yet. */
export function forTheTest(document: Document): Document {
  return withValue(withValue(document, "pull.enabled", false), "push.enabled", false);
}

/** With the kinds of objects that clinics synchronize, where none is chosen yet. */
export function withUsualCategories(document: Document): Document {
  if (valueAt(document, "categories") !== undefined) return document;
  return withValue(document, "categories", Object.fromEntries(CATEGORIES.map((name) => [name, {}])));
}

/** To begin with, after the choices have been made: with all that the parent has, also what its feed does not tell of. */
export function forTheStart(document: Document, sends: boolean): Document {
  const begun = withValue(withValue(document, "pull.enabled", true), "push.enabled", sends);
  return withValue(begun, "pull.firstRun", "backfill");
}

/** Uuids of locations, one a line, as the filter has them; nothing where all are wanted. */
export function locationsOf(text: string): string[] | undefined {
  const uuids = text.split(/[\s,]+/).filter((uuid) => uuid !== "");
  return uuids.length > 0 ? uuids : undefined;
}

export type FirstPull =
  | { says: "begins" }
  | { says: "running" | "failed"; run: Run }
  /** So many objects are here now. */
  | { says: "done"; saved: number };

const SAVED = ["APPLIED", "PARTIAL", "MERGED"];

/**
 * How far the first pull is. The schedule may have begun one before the page did: then both are the first.
 *
 * @param runs the newest runs, the newest first
 * @param before ids of the runs that there were before it
 */
export function firstPull(runs: Run[], before: ReadonlySet<string>): FirstPull {
  const pulls = runs.filter((run) => run.direction === "pull" && !before.has(run.id));
  const [run] = pulls;
  if (!run) return { says: "begins" };
  if (run.state === "running") return { says: "running", run };
  if (run.state !== "completed") return { says: "failed", run };
  const saved = ({ counts }: Run) => SAVED.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);
  return { says: "done", saved: pulls.reduce((sum, pull) => sum + saved(pull), 0) };
}
