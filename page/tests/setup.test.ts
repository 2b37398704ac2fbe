import { expect, test } from "vitest";
import type { Run } from "../src/api";
import {
  firstPull,
  forTheStart,
  forTheTest,
  isSetUp,
  locationsOf,
  onlyServing,
  withUsualCategories,
} from "../src/decide/setup";

const RUN: Run = {
  id: "r2",
  direction: "pull",
  kind: "feed",
  state: "completed",
  startedAt: 1,
  endedAt: 2,
  events: 9,
  counts: { APPLIED: 4, PARTIAL: 1, PARKED: 2, FILTERED: 2 },
  remaining: 0,
  ratePerSecond: 1,
  nextRunAt: null,
  error: null,
};

test("a server is set up once it has a parent, or is to have none", () => {
  const fresh = { pull: { firstRun: "feed" }, categories: { patient: {} } };
  expect(isSetUp(fresh)).toBe(false);
  expect(isSetUp({ ...fresh, parent: { url: "http://p" } })).toBe(true);
  expect(onlyServing(fresh)).toEqual({ ...fresh, pull: { firstRun: "feed", enabled: false } });
  expect(isSetUp(onlyServing(fresh))).toBe(true);
});

test("nothing travels before the choices are made, and what was set up before stays", () => {
  const document = { parent: { url: "http://p" }, pull: { intervalSeconds: 60 } };
  const tested = forTheTest(document);
  expect(tested).toEqual({
    parent: { url: "http://p" },
    pull: { intervalSeconds: 60, enabled: false },
    push: { enabled: false },
  });
  expect(forTheStart(tested, true)).toMatchObject({
    pull: { enabled: true, firstRun: "backfill" },
    push: { enabled: true },
  });
  expect(forTheStart(tested, false)).toMatchObject({ push: { enabled: false } });
});

test("the usual kinds are ticked unless somebody has chosen", () => {
  expect(withUsualCategories({}).categories).toMatchObject({ patient: {}, encounter: {} });
  expect(withUsualCategories({ categories: { location: {} } })).toEqual({ categories: { location: {} } });
});

test("locations are read as people paste them, and none means all", () => {
  expect(locationsOf(" a,\nb  c ")).toEqual(["a", "b", "c"]);
  expect(locationsOf(" \n")).toBeUndefined();
});

test("an older run is not taken for the first pull, and its end is told in objects", () => {
  const none = new Set<string>();
  expect(firstPull([RUN], new Set(["r2"]))).toEqual({ says: "begins" });
  expect(firstPull([{ ...RUN, direction: "push" }], none)).toEqual({ says: "begins" });
  expect(firstPull([{ ...RUN, state: "running" }], none).says).toBe("running");
  expect(firstPull([{ ...RUN, state: "interrupted" }], none).says).toBe("failed");
  expect(firstPull([RUN], none)).toEqual({ says: "done", saved: 5 });
});

test("what the schedule's pull brought counts, though the page's own found nothing more", () => {
  const nothing = { ...RUN, id: "r3", counts: {} };
  expect(firstPull([nothing, RUN], new Set())).toEqual({ says: "done", saved: 5 });
});
