// The chart of the last days.
import type { Day } from "../api";

/** The figures of a day. */
export const COUNTED = ["done", "parked", "conflicts"] as const;
export type Counted = (typeof COUNTED)[number];

/** One day of a chart whose highest bar is 100 high. */
export interface Bar {
  from: number;
  count: number;
  height: number;
}

export interface Bars {
  bars: Bar[];
  sum: number;
  most: number;
}

/** A bar of less than this of the highest is drawn as high, so that it is seen. */
const LOWEST = 3;

/** A bar for each day, each as high as its part of the largest count. */
export function barsOf(days: Day[], counted: Counted): Bars {
  const counts = days.map((day) => day[counted]);
  const most = Math.max(0, ...counts);
  const height = (count: number) => (count === 0 ? 0 : Math.max(LOWEST, (100 * count) / most));
  const bars = days.map((day) => ({ from: day.from, count: day[counted], height: height(day[counted]) }));
  return { bars, sum: counts.reduce((all, count) => all + count, 0), most };
}

/** Returns true if anything happened on any of the days. */
export function isEmpty(days: Day[]): boolean {
  return days.every((day) => COUNTED.every((counted) => day[counted] === 0));
}
