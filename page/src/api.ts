// The server's HTTP API below /ws/rest/v1/: what it answers, and how it is asked. `docs/openapi.yaml` describes it.

/** Where the API is: the page is served at /openmrs/moduleResources/sync2/. */
const ROOT = new URL("../../ws/rest/v1/", document.baseURI);

export type Direction = "pull" | "push";

/** Why something did not go well: what the engine calls it, and a sentence for people, in English. */
export interface Failure {
  kind: string;
  message: string;
}

export interface ObjectId {
  category: string;
  uuid: string;
}

export interface Run {
  id: string;
  direction: Direction;
  kind: "feed" | "retry" | "object" | "backfill" | "verify" | "repair";
  state: "running" | "completed" | "interrupted" | "cancelled" | "failed";
  startedAt: number;
  endedAt: number | null;
  events: number;
  counts: Record<string, number>;
  remaining: number | null;
  ratePerSecond: number;
  nextRunAt: number | null;
  error: Failure | null;
}

/** When the engine is not open only `problems` is there. */
export interface Status {
  node?: string;
  version?: string;
  parent?: string | null;
  pullEnabled?: boolean;
  pushEnabled?: boolean;
  pull?: Run | null;
  push?: Run | null;
  lagMs?: number | null;
  parked?: number;
  conflicts?: number;
  warnings?: string[];
  notes?: Failure[];
  problems: string[];
}

export interface Parked {
  cursor: string;
  direction: Direction;
  object: ObjectId;
  auditUuid: string;
  action: string;
  error: Failure;
  url: string | null;
  waitingFor: ObjectId | null;
  attempts: number;
  nextAttemptAt: number | null;
  parkedAt: number;
}

/** Why records are parked. */
export interface Cause {
  direction: Direction;
  /** The engine's name of the failure, such as `MissingReference`. */
  kind: string;
  category: string;
  /** The kind of objects they wait for, and how many of them. */
  waitingForCategory: string | null;
  awaited: number;
  count: number;
  oldest: number;
  newest: number;
  /** The engine's message of the newest of them. */
  message: string;
  auditUuids: string[];
}

/** Why somebody has to look after a child. */
export type Need = "silent" | "stopped" | "stuck" | "behind" | "nothing";

/** A child of this server, as it said of itself when it was heard of last. */
export interface Child {
  node: string;
  name: string;
  account: string;
  heardAt: number;
  need: Need;
  version: string;
  /** How far its clock was ahead of this server's. */
  clockDifferenceMs: number;
  lagMs?: number;
  parked: number;
  conflicts: number;
  problems: number;
  /** The kind of failure that ended its last run of the direction. */
  pullStopped?: string;
  pushStopped?: string;
}

/** Metadata of one name that has two uuids, and that waits until somebody says whether both are one. */
export interface Pair {
  category: string;
  name: string;
  /** The uuid at the parent. */
  parent: string;
  here: string;
}

/** The figures of the runs that began on a day. */
export interface Day {
  /** When it begins. */
  from: number;
  done: number;
  parked: number;
  conflicts: number;
}

/** Everything that is known of one object, a sentence each. */
export interface Story {
  object: ObjectId;
  now: string[];
  happened: { at: number; what: string; words: string; auditUuid: string | null }[];
}

export interface Session {
  authenticated: boolean;
  /** Only OpenMRS gives its users a system id. */
  user?: { display?: string; systemId?: string };
}

/** A request that was not answered as wanted. */
export class Refused extends Error {
  /** @param status the HTTP status; 0 when there was no answer at all */
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
  ) {
    super(message);
  }
}

// A header that no form of another site can send. It also tells the server that no dialog of the browser is wanted.
const HEADERS = { "X-Sync2": "1", Accept: "application/json" };

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(new URL(path, ROOT), { ...init, credentials: "same-origin" });
  } catch {
    throw new Refused(0, "Unreachable", "");
  }
  const text = await answer.text();
  const body: unknown = isJson(answer) ? JSON.parse(text) : undefined;
  if (!answer.ok) {
    const error = (body as { error?: { kind?: string; message?: string } } | undefined)?.error;
    throw new Refused(answer.status, error?.kind ?? "", error?.message ?? "");
  }
  return body as T;
}

function isJson(answer: Response): boolean {
  return (answer.headers.get("Content-Type") ?? "").includes("json");
}

/** Reads what is at a path below /ws/rest/v1/sync2/. */
export function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(`sync2/${path}`, { headers: HEADERS, cache: "no-cache", ...(signal && { signal }) });
}

/** Sends a command. */
export function command<T>(path: string, body: unknown = {}): Promise<T> {
  const headers = { ...HEADERS, "Content-Type": "application/json" };
  return ask<T>(`sync2/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** The address of a file below /ws/rest/v1/sync2/, for a link. */
export function fileAt(path: string): string {
  return new URL(`sync2/${path}`, ROOT).href;
}

/** The address of another page of the server, below its context path. */
export function pageAt(path: string): string {
  return new URL(`../../${path}`, document.baseURI).href;
}

/** Who is logged in. */
export function session(): Promise<Session> {
  return ask<Session>("session", { headers: HEADERS, cache: "no-store" });
}

/** Logs in; the browser keeps the session's cookie, and nobody the password. */
export function logIn(user: string, password: string): Promise<Session> {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const credentials = btoa(String.fromCharCode(...bytes));
  return ask<Session>("session", { headers: { ...HEADERS, Authorization: `Basic ${credentials}` }, cache: "no-store" });
}

/** Ends the session. */
export function logOut(): Promise<unknown> {
  return ask("session", { method: "DELETE", headers: HEADERS });
}

/** The audit message of an event. */
export interface AuditMessage {
  uuid: string;
  cursor: string;
  runId: string;
  direction: Direction;
  category: string;
  objectUuid: string | null;
  action: string;
  recordedAt: number;
  status: string;
  representation: string | null;
  client: string | null;
  url: string | null;
  error: Failure | null;
  detail: unknown;
  carriedBy: string | null;
  durationMs: number;
}

/** The findings of an audit search: as many as were asked for, or as far as one search looks. */
export interface FoundMessages {
  messages: AuditMessage[];
  /** To be given as `after` to go on; nothing when all messages have been looked at. */
  next: string | null;
  /** The time of the last message that was looked at; nothing as `next`. */
  lookedBackTo: number | null;
}

export interface Attempt {
  number: number;
  attemptedAt: number;
  outcome: string;
  error: Failure | null;
}

export interface AuditDetail extends AuditMessage {
  attempts: Attempt[];
}

export interface Conflict {
  cursor: string;
  uuid: string;
  kind: "CONTENT" | "REMOVAL";
  direction: Direction;
  object: ObjectId;
  detectedAt: number;
  /** The node id of the child that met it with a push; nothing where this server disagrees with its own parent. */
  childNode: string | null;
  /** The name that the child gives itself, where it has said so. */
  childName: string | null;
  /** The decision of a person here about a child's conflict, until the child has carried it out. */
  decision: Decided | null;
}

export interface Decided {
  choice: string;
  by: string;
  reason: string;
}

/** What a comparison can find of an object that is not the same on both sides. */
export type Finding = "onlyHere" | "onlyThere" | "differs" | "removedHere" | "removedThere" | "waiting" | "notCompared";

/** A kind of objects that was compared with the parent's, or is. */
export interface ComparedCategory {
  category: string;
  compared: number;
  /** Of these, those of one side that this server does not synchronize. */
  leftOut: number;
  /** Why it, or the rest of it, is not compared. */
  why: string | null;
  endedAt: number | null;
  findings: Record<Finding, number>;
}

/** The last comparison with the parent. */
export interface Comparison {
  /** Nothing where nobody has asked for one. */
  begunAt: number | null;
  endedAt: number | null;
  deep: boolean;
  categories: ComparedCategory[];
}

/** An object of which a comparison found something. */
export interface FoundObject {
  cursor: string;
  object: ObjectId;
  finding: Finding;
  /** Of a difference, the side that changed since both agreed. */
  newer: "here" | "there" | "both" | null;
  why: string | null;
  foundAt: number;
  /** When its repair was begun. */
  repairedAt: number | null;
}

/** A place that both sides changed. */
export interface Difference {
  path: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

export interface TakenAlong extends ObjectId {
  label: string;
  /** Why it stands against the removal; nothing when its author knew it as it is. */
  why: "unseen" | "changed" | null;
}

export interface ConflictDetail extends Conflict {
  /** Stands for what is shown: it is sent back with the decision. */
  version: string;
  changedHereSince: boolean;
  /** Nothing on the side that removed the object. */
  ours: unknown;
  theirs: unknown;
  differences: Difference[];
  takesAlong: TakenAlong[];
  moreTakenAlong: number;
  choices: { choice: string }[];
}
