// The decision of a person about a conflict, from the first click to what is sent.
import type { Conflict, ConflictDetail } from "../api";

export type Side = "ours" | "theirs";

/** The choices and texts so far. */
export interface Draft {
  /** Of those that the server offers; empty before one is chosen. */
  choice: string;
  /** Whose value holds, by the path of the difference. */
  fields: Record<string, Side>;
  /** The document that is to hold, as text. */
  document: string;
  reason: string;
}

/** Returns the kind of conflict, for the sentence that explains it. */
export function situation({
  ours,
  theirs,
}: ConflictDetail): "bothChanged" | "removedHere" | "removedThere" | "bothRemoved" {
  if (ours == null) return theirs == null ? "bothRemoved" : "removedHere";
  return theirs == null ? "removedThere" : "bothChanged";
}

/** Who disagrees with this server: its parent, or a child by what it calls itself, for the messages that name it. */
export function otherSide({ childNode, childName }: Conflict): { context?: "child"; child?: string } {
  return childNode === null ? {} : { context: "child", child: childName ?? childNode };
}

/**
 * Returns true if a decision is for one side as a whole, though there are places in dispute: what both had when they last agreed is
 * known at the child only.
 */
export function isOnlyAsAWhole(conflict: ConflictDetail): boolean {
  return conflict.childNode !== null && situation(conflict) === "bothChanged";
}

/** Returns true if all is chosen that the server asks for. */
export function isComplete(draft: Draft, conflict: ConflictDetail): boolean {
  if (draft.reason.trim() === "") return false;
  switch (draft.choice) {
    case "":
      return false;
    case "fields":
      return conflict.differences.every(({ path }) => draft.fields[path] !== undefined);
    case "document":
      return parsed(draft.document) !== undefined;
    default:
      return true;
  }
}

/** Returns the body to send, with the version of what was shown: the server refuses it when either side moved meanwhile. */
export function decision(draft: Draft, { version }: ConflictDetail): Record<string, unknown> {
  const { choice, fields } = draft;
  const common = { choice, reason: draft.reason.trim(), version };
  if (choice === "fields") return { ...common, fields };
  if (choice === "document") return { ...common, document: parsed(draft.document) };
  return common;
}

function parsed(text: string): object | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null && !Array.isArray(document) ? document : undefined;
  } catch {
    return undefined;
  }
}
