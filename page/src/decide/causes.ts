// Puts parked records together that wait for the same reason.
import type { Direction, Parked } from "../api";

export interface Cause {
  key: string;
  direction: Direction;
  /** What the engine calls the failure, such as `MissingReference`. */
  kind: string;
  category: string;
  /** What they wait for: of which category, and how many different objects. */
  waitingFor: { category: string; count: number } | null;
  /** What the engine said of the newest of them. */
  message: string;
  records: Parked[];
}

/** The causes, that with the most records first. */
export function causes(parked: Parked[]): Cause[] {
  const groups = new Map<string, Parked[]>();
  for (const record of parked) {
    const key = causeOf(record);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups].map(([key, records]) => cause(key, records)).sort((a, b) => b.records.length - a.records.length);
}

function cause(key: string, records: Parked[]): Cause {
  const [first] = records as [Parked];
  const awaited = new Set(records.map((record) => record.waitingFor?.uuid));
  return {
    key,
    direction: first.direction,
    kind: first.error.kind,
    category: first.object.category,
    waitingFor: first.waitingFor && { category: first.waitingFor.category, count: awaited.size },
    message: first.error.message,
    records,
  };
}

function causeOf(record: Parked): string {
  const reason = record.waitingFor ? record.waitingFor.category : shape(record.error.message);
  return [record.direction, record.error.kind, record.object.category, reason].join("\n");
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** A message without what differs from record to record: ids, numbers, whose it is, and what stands in quotation marks. */
function shape(message: string): string {
  return message
    .replace(UUID, "#")
    .replace(/"[^"]*"/g, '""')
    .replace(/'[^']*'/g, "''")
    .replace(/\bpatient [^()]*\(/g, "patient # (")
    .replace(/\d+/g, "0");
}
