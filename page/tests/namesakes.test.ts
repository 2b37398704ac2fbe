import { expect, test } from "vitest";
import { areOne, joined, mappedPairs, parted } from "../src/decide/namesakes";

const WARD = { category: "location", parent: "theirs", here: "ours" };
const TRIAGE = { category: "encounter_type", parent: "t.1", here: "o.1" };

test("two that are joined stand in the map under the parent's uuid, and everything else stays", () => {
  const document = { node: { name: "Gulu" } };
  const both = joined(joined(document, WARD), TRIAGE);
  expect(both).toEqual({
    node: { name: "Gulu" },
    uuidMap: { location: { theirs: "ours" }, encounter_type: { "t.1": "o.1" } },
  });
  expect(document).not.toHaveProperty("uuidMap");
  expect([areOne(both, WARD), areOne(both, { ...WARD, here: "another" })]).toEqual([true, false]);
  expect(mappedPairs(both)).toEqual([WARD, TRIAGE]);
});

test("two that are parted leave nothing behind", () => {
  const both = joined(joined({}, WARD), TRIAGE);
  expect(parted(both, WARD)).toEqual({ uuidMap: { encounter_type: { "t.1": "o.1" } } });
  expect(parted(parted(both, WARD), TRIAGE)).toEqual({});
  expect(mappedPairs({})).toEqual([]);
});
