import { expect, test } from "vitest";
import type { Cause } from "../src/api";
import { causeFilter, causeKey } from "../src/decide/causes";

const CAUSE: Cause = {
  direction: "pull",
  kind: "MissingReference",
  category: "encounter",
  waitingForCategory: "patient",
  awaited: 2,
  count: 37,
  oldest: 1,
  newest: 2,
  message: "",
  auditUuids: [],
};
const OF_NOTHING: Cause = { ...CAUSE, waitingForCategory: null };

test("what waits for nothing is told apart from what waits for an object, though all else is the same", () => {
  expect(causeKey(CAUSE)).not.toBe(causeKey(OF_NOTHING));
  expect(causeFilter(CAUSE).waitingForCategory).toBe("patient");
  expect(causeFilter(OF_NOTHING).waitingForCategory).toBe("none");
});

test("a cause stays the same one while its records come and go", () => {
  expect(causeKey({ ...CAUSE, count: 1, awaited: 1, newest: 9 })).toBe(causeKey(CAUSE));
});
