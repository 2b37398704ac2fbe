// How a comparison of both sides stands, and what of it can be repaired.
import type { ComparedCategory, Comparison, Finding, Run } from "../api";

/** All findings; those that can be repaired come first. */
export const FINDINGS = [
  "onlyHere",
  "onlyThere",
  "differs",
  "removedHere",
  "removedThere",
  "waiting",
  "notCompared",
] as const satisfies readonly Finding[];

const REPAIRABLE: readonly Finding[] = FINDINGS.slice(0, 5);

export function isRepairable(finding: Finding): boolean {
  return REPAIRABLE.includes(finding);
}

export type Standing =
  /** Nobody has asked for one. */
  | "none"
  | "underWay"
  /** It was stopped before its end: pulls go on with it. */
  | "goesOn"
  | "ended";

/** How the comparison stands; `run` is the newest run in the direction of a pull. */
export function standing(comparison: Comparison, run: Run | null): Standing {
  if (run?.state === "running" && run.kind === "verify") return "underWay";
  if (comparison.begunAt === null) return "none";
  return comparison.endedAt === null ? "goesOn" : "ended";
}

/** The newest run, where it was to compare or to repair and did not come to its end. */
export function failedRun(run: Run | null): Run | null {
  const isMeant = run?.kind === "verify" || run?.kind === "repair";
  return isMeant && run.error !== null && run.state !== "running" ? run : null;
}

/** How many objects were compared so far. */
export function compared(comparison: Comparison): number {
  return comparison.categories.reduce((sum, { compared: ofCategory }) => sum + ofCategory, 0);
}

/** How many differences there are that can be repaired. */
export function differences(categories: ComparedCategory[]): number {
  const ofOne = ({ findings }: ComparedCategory) => REPAIRABLE.reduce((sum, finding) => sum + findings[finding], 0);
  return categories.reduce((sum, category) => sum + ofOne(category), 0);
}

/** What was found in a category, without what was not. */
export function foundIn({ findings }: ComparedCategory): [Finding, number][] {
  return FINDINGS.map((finding): [Finding, number] => [finding, findings[finding]]).filter(([, count]) => count > 0);
}

/** Returns true if all is compared, and all that is not the same is on its way. */
export function isSame(comparison: Comparison): boolean {
  const { categories, endedAt } = comparison;
  const isWhole = categories.every(({ why, findings }) => why === null && findings.notCompared === 0);
  return endedAt !== null && isWhole && differences(categories) === 0;
}
