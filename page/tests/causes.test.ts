import { expect, test } from "vitest";
import type { Parked } from "../src/api";
import { causes } from "../src/decide/causes";

const UUIDS = ["11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"];

function parked(uuid: string, more: Partial<Parked>): Parked {
  const error = { kind: "Rejected", message: "refused" };
  const rest = { cursor: uuid, action: "UPDATED", url: null, attempts: 0, nextAttemptAt: null, parkedAt: 0 };
  const object = { category: "encounter", uuid };
  return { direction: "pull", object, auditUuid: uuid, error, waitingFor: null, ...rest, ...more };
}

function rejected(uuid: string, message: string): Parked {
  return parked(uuid, { error: { kind: "Rejected", message } });
}

test("records that wait for objects of one category are one cause, with how many they wait for", () => {
  const waitingFor = (uuid: string) => ({ waitingFor: { category: "patient", uuid } });
  const found = causes([parked("a", waitingFor("p")), parked("b", waitingFor("p")), parked("c", waitingFor("q"))]);
  expect(found).toHaveLength(1);
  expect(found[0]?.waitingFor).toEqual({ category: "patient", count: 2 });
  expect(found[0]?.records).toHaveLength(3);
});

test("messages that differ only in ids, numbers and quoted texts are one cause", () => {
  const said = UUIDS.map((uuid, index) =>
    rejected(uuid, `patient ${uuid}: the number "A${index}" is ${index} too long`),
  );
  expect(causes(said)).toHaveLength(1);
});

test("whose record it is makes no cause of its own", () => {
  const refused = (day: string, number: string) =>
    rejected(number, `encounter of ${day} of patient ${number} (encounter/${UUIDS[0]}): no form`);
  expect(causes([refused("2026-11-10", "100HA1"), refused("2026-11-20", "MX 7-K")])).toHaveLength(1);
});

test("messages that say something else are causes of their own, the larger first", () => {
  const said = [rejected("a", "too long"), rejected("b", "overlaps"), rejected("c", "overlaps")];
  expect(causes(said).map((cause) => [cause.message, cause.records.length])).toEqual([
    ["overlaps", 2],
    ["too long", 1],
  ]);
});

test("what travels the other way is a cause of its own", () => {
  expect(causes([parked("a", {}), parked("b", { direction: "push" })])).toHaveLength(2);
});
