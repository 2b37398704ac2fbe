// Names and advice for a cause that the server names.
import type { Cause } from "../api";

/** Stands for a cause as long as it is there. */
export function causeKey({ direction, kind, category, waitingForCategory }: Cause): string {
  return [direction, kind, category, waitingForCategory ?? ""].join(" ");
}

/** The filter that lets through the records of a cause, and no others. */
export function causeFilter({ direction, kind, category, waitingForCategory }: Cause): Record<string, string> {
  return { direction, kind, category, waitingForCategory: waitingForCategory ?? "none" };
}
