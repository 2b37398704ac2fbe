import { expect, test } from "vitest";
import { lostPaths, timeField, timeOf } from "../src/decide/activity";

test("a time of the address bar is shown in the reader's zone and comes back as it was", () => {
  const time = String(new Date(2026, 2, 29, 12, 30).getTime());
  expect(timeField(time)).toBe("2026-03-29T12:30");
  expect(timeOf(timeField(time))).toBe(time);
});

test("what is no time filters nothing", () => {
  for (const text of ["", "soon", "1e99"]) expect(timeField(text)).toBe("");
  for (const text of ["", "soon"]) expect(timeOf(text)).toBe("");
});

test("lost places are read from a detail of any form", () => {
  expect(lostPaths({ lostPaths: ["name[0].use", 3] })).toEqual(["name[0].use"]);
  for (const detail of [null, undefined, "text", {}, { lostPaths: "name" }]) expect(lostPaths(detail)).toEqual([]);
});
