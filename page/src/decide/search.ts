// How a search of the audit goes on, which looks at so many messages each time.
import type { FoundMessages } from "../api";

/** The rest after a page: nothing, older messages, or those that nobody has looked at yet. */
export type Rest = "nothing" | "older" | "notLookedAt";

/** Returns the rest after the findings of a search that may have so many messages. */
export function rest(found: FoundMessages, size: number): Rest {
  if (found.next === null) return "nothing";
  return found.messages.length < size ? "notLookedAt" : "older";
}

/**
 * Searches on from a place until there is something, or nothing more to look at. Returns the place after which it is.
 *
 * @param search what is found after a place; nothing when it is not wanted any more
 */
export async function searchOn(
  from: string,
  search: (after: string) => Promise<FoundMessages | undefined>,
): Promise<string | undefined> {
  let place = from;
  for (;;) {
    const found = await search(place);
    if (!found) return undefined;
    if (found.messages.length > 0 || found.next === null) return place;
    place = found.next;
  }
}
