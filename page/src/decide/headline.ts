// The headline of the page: whether synchronization works, and if not, since when and why.
import type { Direction, Failure, Run, Status } from "../api";

export type Headline =
  /** A server without a parent only serves. */
  | { says: "root" }
  /** Neither direction is switched on. */
  | { says: "off" }
  /** Nothing was synchronized yet. */
  | { says: "waitingForFirst" }
  /** A direction does not get on. */
  | { says: "stopped"; direction: Direction; since: number; why: Failure }
  /** A run is under way. `left` and `milliseconds` are nothing when it is not known how much there is. */
  | { says: "running"; direction: Direction; done: number; left: number | null; milliseconds: number | null }
  /** It works, and a person has something to decide. */
  | { says: "works"; parked: number; conflicts: number; since: number }
  /** It works, and what was noticed on the way has to be looked at. */
  | { says: "noticed"; count: number; since: number }
  | { says: "well"; since: number };

/**
 * Of a server whose engine is open.
 *
 * @param runs the newest runs of both directions, the newest first
 */
export function headline(status: Status, runs: Run[]): Headline {
  const directions = enabled(status);
  if (directions.length === 0) return status.parent == null ? { says: "root" } : { says: "off" };
  for (const direction of directions) {
    const stop = stopOf(direction, status[direction] ?? null, runs);
    if (stop) return { says: "stopped", direction, ...stop };
  }
  for (const direction of directions) {
    const run = status[direction];
    if (run?.state === "running" && done(run) > 0) return progress(direction, run);
  }
  return afterwards(status, directions, runs);
}

function enabled(status: Status): Direction[] {
  const on: Direction[] = [];
  if (status.pullEnabled) on.push("pull");
  if (status.pushEnabled) on.push("push");
  return on;
}

/** Since when and why a direction does not get on. A new try that has done nothing yet changes nothing about that. */
function stopOf(direction: Direction, now: Run | null, runs: Run[]): { since: number; why: Failure } | undefined {
  if (now?.state === "running" && done(now) > 0) return undefined;
  const ended = endedRuns(direction, now, runs);
  const failed = ended.slice(
    0,
    indexOrEnd(
      ended.findIndex((run) => run.error === null || isCancelled(run)),
      ended,
    ),
  );
  const [newest] = failed;
  const first = failed.at(-1);
  if (!newest?.error || !first) return undefined;
  return { since: first.endedAt ?? first.startedAt, why: newest.error };
}

function endedRuns(direction: Direction, now: Run | null, runs: Run[]): Run[] {
  const listed = runs.filter((run) => run.direction === direction && run.id !== now?.id);
  return (now ? [now, ...listed] : listed).filter((run) => run.state !== "running" && run.kind === "feed");
}

function indexOrEnd(index: number, list: unknown[]): number {
  return index < 0 ? list.length : index;
}

function isCancelled(run: Run): boolean {
  return run.state === "cancelled";
}

function progress(direction: Direction, run: Run): Headline {
  return { says: "running", direction, done: done(run), left: run.remaining, milliseconds: remainingMs(run) };
}

/** How much a run has dealt with: events of a feed, or what the parent lists, of which no event tells. */
export function done({ events, counts }: Run): number {
  const objects = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Math.max(events, objects);
}

/** About how long a run still takes; nothing when that is not known. */
export function remainingMs({ remaining, ratePerSecond }: Run): number | null {
  return remaining !== null && ratePerSecond > 0 ? (remaining / ratePerSecond) * 1000 : null;
}

function afterwards(status: Status, directions: Direction[], runs: Run[]): Headline {
  const times = directions.map((direction) => lastSuccess(direction, status[direction] ?? null, runs));
  const since = Math.min(...times.map((time) => time ?? 0));
  if (since === 0) return { says: "waitingForFirst" };
  const [parked, conflicts] = [status.parked ?? 0, status.conflicts ?? 0];
  if (parked + conflicts > 0) return { says: "works", parked, conflicts, since };
  const count = status.problems.length + (status.notes?.length ?? 0);
  return count > 0 ? { says: "noticed", count, since } : { says: "well", since };
}

/** When a run of the direction last came to its end; nothing when none of those known did. */
export function lastSuccess(direction: Direction, now: Run | null, runs: Run[]): number | null {
  return endedRuns(direction, now, runs).find((run) => run.state === "completed")?.endedAt ?? null;
}
