import { expect, test } from "vitest";
import type { ConflictDetail } from "../src/api";
import { decision, isComplete, isOnlyAsAWhole, otherSide, situation, type Draft } from "../src/decide/decision";

const CONFLICT: ConflictDetail = {
  cursor: "",
  uuid: "",
  kind: "CONTENT",
  direction: "pull",
  object: { category: "patient", uuid: "" },
  detectedAt: 0,
  childNode: null,
  childName: null,
  decision: null,
  version: "v1",
  changedHereSince: false,
  ours: { gender: "male" },
  theirs: { gender: "other" },
  differences: [
    { path: "gender", base: "female", ours: "male", theirs: "other" },
    { path: "birthDate", base: null, ours: "1980", theirs: "1981" },
  ],
  takesAlong: [],
  moreTakenAlong: 0,
  choices: [],
};

function draft(more: Partial<Draft>): Draft {
  return { choice: "ours", fields: {}, document: "{}", reason: " she said so ", ...more };
}

test("a decision has the reason and the version that was shown", () => {
  expect(decision(draft({}), CONFLICT)).toEqual({ choice: "ours", reason: "she said so", version: "v1" });
});

test("a decision without choice or reason is not complete", () => {
  expect(isComplete(draft({ choice: "" }), CONFLICT)).toBe(false);
  expect(isComplete(draft({ reason: " " }), CONFLICT)).toBe(false);
  expect(isComplete(draft({}), CONFLICT)).toBe(true);
});

test("field by field it is complete when each place is decided", () => {
  const fields = { gender: "ours" } as const;
  expect(isComplete(draft({ choice: "fields", fields }), CONFLICT)).toBe(false);
  const all = draft({ choice: "fields", fields: { ...fields, birthDate: "theirs" } });
  expect(isComplete(all, CONFLICT)).toBe(true);
  expect(decision(all, CONFLICT)).toMatchObject({ fields: { gender: "ours", birthDate: "theirs" } });
});

test("a document is complete when it is a JSON object", () => {
  expect(isComplete(draft({ choice: "document", document: "[1]" }), CONFLICT)).toBe(false);
  expect(isComplete(draft({ choice: "document", document: "{" }), CONFLICT)).toBe(false);
  const written = draft({ choice: "document", document: '{"gender": "unknown"}' });
  expect(isComplete(written, CONFLICT)).toBe(true);
  expect(decision(written, CONFLICT)).toMatchObject({ document: { gender: "unknown" } });
});

test("which side removed the object is told by whose document is missing", () => {
  expect(situation(CONFLICT)).toBe("bothChanged");
  expect(situation({ ...CONFLICT, ours: null })).toBe("removedHere");
  expect(situation({ ...CONFLICT, theirs: null })).toBe("removedThere");
  expect(situation({ ...CONFLICT, ours: null, theirs: null })).toBe("bothRemoved");
});

test("the other side is the parent, or the child by the name that it gave itself, else by its node id", () => {
  const met = { ...CONFLICT, childNode: "n-1", childName: "Gulu" };
  expect(otherSide(CONFLICT)).toEqual({});
  expect(otherSide(met)).toEqual({ context: "child", child: "Gulu" });
  expect(otherSide({ ...met, childName: null })).toEqual({ context: "child", child: "n-1" });
});

test("only what a child met and both sides changed is told to be decided as a whole", () => {
  const met = { ...CONFLICT, childNode: "n-1" };
  expect(isOnlyAsAWhole(met)).toBe(true);
  expect(isOnlyAsAWhole({ ...met, ours: null })).toBe(false);
  expect(isOnlyAsAWhole(CONFLICT)).toBe(false);
});
