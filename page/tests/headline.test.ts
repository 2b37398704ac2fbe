import { describe, expect, test } from "vitest";
import type { Direction, Run, Status } from "../src/api";
import { headline } from "../src/decide/headline";

const REFUSED = { kind: "Unauthorized", message: "the parent refuses the password" };

function run(id: string, endedAt: number | null, more: Partial<Run> = {}): Run {
  const state = endedAt === null ? "running" : more.error ? "interrupted" : "completed";
  const direction: Direction = "pull";
  const rest = { startedAt: 0, events: 0, counts: {}, remaining: null, ratePerSecond: 0, nextRunAt: null };
  return { id, direction, kind: "feed", state, endedAt, error: null, ...rest, ...more };
}

function status(more: Partial<Status>): Status {
  const waiting = { parked: 0, conflicts: 0, notes: [], problems: [] };
  return { node: "Gulu", parent: "https://parent", pullEnabled: true, pushEnabled: false, ...waiting, ...more };
}

describe("the first sentence of the page", () => {
  test("of a server without a parent, says that it only serves", () => {
    expect(headline(status({ parent: null, pullEnabled: false }), [])).toEqual({ says: "root" });
  });

  test("when both directions are off, says that", () => {
    expect(headline(status({ pullEnabled: false }), [])).toEqual({ says: "off" });
  });

  test("before the first success, is no success", () => {
    expect(headline(status({ pull: run("1", null) }), [])).toEqual({ says: "waitingForFirst" });
  });

  test("after a success, says when that was", () => {
    expect(headline(status({ pull: run("1", 700) }), [])).toEqual({ says: "well", since: 700 });
  });

  test("while a first pull goes through the parent's lists, says what has come", () => {
    const now = run("1", null, { counts: { APPLIED: 40, UNCHANGED: 2 } });
    const says = headline(status({ pull: now }), []);
    expect(says).toEqual({ says: "running", direction: "pull", done: 42, left: null, milliseconds: null });
  });

  test("when runs fail, counts from the first that failed", () => {
    const failed = { error: REFUSED };
    const runs = [run("3", 900, failed), run("2", 800, failed), run("1", 700)];
    const says = headline(status({ pull: run("3", 900, failed) }), runs);
    expect(says).toEqual({ says: "stopped", direction: "pull", since: 800, why: REFUSED });
  });

  test("while a new try has done nothing yet, is still stopped", () => {
    const runs = [run("2", 800, { error: REFUSED }), run("1", 700)];
    expect(headline(status({ pull: run("3", null) }), runs)).toMatchObject({ says: "stopped", since: 800 });
  });

  test("when a person stopped the last run, is not stopped", () => {
    const cancelled = run("2", 800, { error: { kind: "Cancelled", message: "" }, state: "cancelled" });
    expect(headline(status({ pull: cancelled }), [cancelled, run("1", 700)])).toEqual({ says: "well", since: 700 });
  });

  test("while a run gets on, says how much is left and how long it takes", () => {
    const working = run("2", null, { events: 40, remaining: 20, ratePerSecond: 4 });
    const says = { says: "running", direction: "pull", done: 40, left: 20, milliseconds: 5000 };
    expect(headline(status({ pull: working }), [])).toEqual(says);
  });

  test("when records wait, says how many", () => {
    const says = headline(status({ pull: run("1", 700), parked: 3, conflicts: 1 }), []);
    expect(says).toEqual({ says: "works", parked: 3, conflicts: 1, since: 700 });
  });

  test("with both directions on, is as old as the one that succeeded first", () => {
    const push = run("2", 500, { direction: "push" });
    expect(headline(status({ pull: run("1", 700), push, pushEnabled: true }), [])).toEqual({
      says: "well",
      since: 500,
    });
  });

  test("when the parent's feed told something to look at, says so", () => {
    const says = headline(status({ pull: run("1", 700), notes: [REFUSED] }), []);
    expect(says).toEqual({ says: "noticed", count: 1, since: 700 });
  });
});
