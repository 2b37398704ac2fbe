import { expect, test } from "vitest";
import { barsOf, isEmpty } from "../src/decide/days";

const DAYS = [
  { from: 0, done: 0, parked: 0, conflicts: 0 },
  { from: 1, done: 1, parked: 0, conflicts: 0 },
  { from: 2, done: 200, parked: 3, conflicts: 0 },
];

test("the highest bar is the day with the most, and a day with one is seen beside it", () => {
  const { bars, sum, most } = barsOf(DAYS, "done");
  expect([sum, most]).toEqual([201, 200]);
  expect(bars.map((bar) => bar.height)).toEqual([0, 3, 100]);
  expect(bars[2]).toEqual({ from: 2, count: 200, height: 100 });
});

test("each is measured by itself: few that waited are not lost beside many that were done", () => {
  expect(barsOf(DAYS, "parked").bars.map((bar) => bar.height)).toEqual([0, 0, 100]);
  expect(barsOf(DAYS, "conflicts")).toMatchObject({ sum: 0, most: 0 });
});

test("days without anything are empty", () => {
  expect([isEmpty(DAYS), isEmpty(DAYS.slice(0, 1)), isEmpty([])]).toEqual([false, true, true]);
});
