import { expect, test } from "vitest";
import { choicesFor, isReady, severalDecided, summary, type SeveralDraft } from "../src/decide/several";

const DRAFT: SeveralDraft = { which: "ticked", choice: "theirs", reason: " the parent is right " };

test("nothing is sent before something is ticked, chosen and reasoned", () => {
  expect(isReady(DRAFT, [])).toBe(false);
  expect(isReady(DRAFT, ["c1"])).toBe(true);
  expect(isReady({ ...DRAFT, reason: "  " }, ["c1"])).toBe(false);
  expect(isReady({ ...DRAFT, choice: "" }, ["c1"])).toBe(false);
  expect(isReady({ ...DRAFT, which: "CONTENT" }, [])).toBe(true);
});

test("a choice that does not fit the kind is not offered and not sent", () => {
  expect(choicesFor("REMOVAL")).toEqual(["keep", "apply"]);
  expect(isReady({ ...DRAFT, which: "REMOVAL" }, [])).toBe(false);
});

test("those that are ticked are named, all of a kind are filtered", () => {
  expect(severalDecided(DRAFT, ["c1", "c2"])).toEqual({
    uuids: ["c1", "c2"],
    choice: "theirs",
    reason: "the parent is right",
  });
  expect(severalDecided({ ...DRAFT, which: "CONTENT" }, ["c1"])).toMatchObject({ filter: { kind: "CONTENT" } });
});

test("who decided several learns how many are left and why, each reason once", () => {
  const failed = { uuid: "c", resolved: null, error: { kind: "Outdated", message: "it has moved" } };
  expect(summary([{ uuid: "a", resolved: {}, error: null }, failed, failed])).toEqual({
    decided: 1,
    open: 2,
    reasons: ["it has moved"],
  });
});
