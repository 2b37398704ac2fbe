import { expect, test } from "vitest";
import type { ComparedCategory, Comparison, Run } from "../src/api";
import { compared, differences, failedRun, FINDINGS, foundIn, isSame, standing } from "../src/decide/comparison";

const NOTHING = Object.fromEntries(FINDINGS.map((finding) => [finding, 0])) as ComparedCategory["findings"];
const PATIENTS: ComparedCategory = {
  category: "patient",
  compared: 30,
  leftOut: 0,
  why: null,
  endedAt: 5,
  findings: NOTHING,
};
const SAME: Comparison = { begunAt: 1, endedAt: 9, deep: false, categories: [PATIENTS] };
const RUN: Run = {
  id: "1",
  direction: "pull",
  kind: "verify",
  state: "completed",
  startedAt: 1,
  endedAt: 2,
  events: 0,
  counts: {},
  remaining: null,
  ratePerSecond: 0,
  nextRunAt: null,
  error: null,
};

function having(changed: Partial<ComparedCategory["findings"]>, more: Partial<ComparedCategory> = {}): Comparison {
  return { ...SAME, categories: [PATIENTS, { ...PATIENTS, ...more, findings: { ...NOTHING, ...changed } }] };
}

test("a comparison stands as its run and its times say", () => {
  const none = { ...SAME, begunAt: null, endedAt: null, categories: [] };
  expect(standing(none, null)).toBe("none");
  expect(standing(none, { ...RUN, state: "running" })).toBe("underWay");
  expect(standing({ ...SAME, endedAt: null }, { ...RUN, state: "cancelled" })).toBe("goesOn");
  expect(standing({ ...SAME, endedAt: null }, { ...RUN, kind: "feed", state: "running" })).toBe("goesOn");
  expect(standing(SAME, RUN)).toBe("ended");
});

test("both sides are the same only where all was compared and nothing differs", () => {
  expect(isSame(SAME)).toBe(true);
  expect(isSame(having({ waiting: 2 }))).toBe(true);
  expect(isSame({ ...SAME, endedAt: null })).toBe(false);
  expect(isSame(having({ notCompared: 1 }))).toBe(false);
  expect(isSame(having({}, { why: "closed" }))).toBe(false);
  for (const finding of ["onlyHere", "onlyThere", "differs", "removedHere", "removedThere"] as const) {
    expect([finding, isSame(having({ [finding]: 1 }))]).toEqual([finding, false]);
  }
});

test("what can be repaired is counted over all kinds, and what waits is not", () => {
  const comparison = having({ onlyHere: 2, removedThere: 1, waiting: 4, notCompared: 8 });
  expect(differences(comparison.categories)).toBe(3);
  expect(compared(comparison)).toBe(60);
  expect(foundIn(comparison.categories[1] ?? PATIENTS)).toEqual([
    ["onlyHere", 2],
    ["removedThere", 1],
    ["waiting", 4],
    ["notCompared", 8],
  ]);
});

test("a run that failed is told only where it was to compare or to repair", () => {
  const error = { kind: "Configuration", message: "no exchange" };
  expect(failedRun({ ...RUN, state: "failed", error })?.error).toBe(error);
  expect(failedRun({ ...RUN, kind: "repair", state: "interrupted", error })).not.toBeNull();
  expect(failedRun({ ...RUN, kind: "feed", state: "failed", error })).toBeNull();
  expect(failedRun({ ...RUN, state: "running", error })).toBeNull();
  expect(failedRun(RUN)).toBeNull();
  expect(failedRun(null)).toBeNull();
});
