// The address bar behind the #: which view is open, of what, and how it is filtered.
import { useMemo, useSyncExternalStore } from "react";

export const VIEWS = [
  "overview",
  "problems",
  "conflicts",
  "activity",
  "compare",
  "children",
  "settings",
  "setup",
] as const;
export type View = (typeof VIEWS)[number];

/** Those that the menu has. The first set-up is done once, from the overview. */
export const MENU = VIEWS.filter((view) => view !== "setup");

export interface Address {
  view: View;
  /** The object that is open in the view; empty when none is. */
  id: string;
  filters: URLSearchParams;
}

/** Reads what is behind the #, such as `#/activity/ID?status=PARKED`. What is not known is the overview. */
export function parseAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [name = "", id = ""] = path.split("/");
  const view = VIEWS.find((known) => known === name) ?? "overview";
  return { view, id: decoded(id), filters: new URLSearchParams(query) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The link to a view; empty filters are left out. */
export function linkTo(view: View, id = "", filters: Record<string, string> = {}): string {
  const given = Object.entries(filters).filter(([, value]) => value !== "");
  const query = given.length > 0 ? `?${new URLSearchParams(given)}` : "";
  return `#/${view}${id && `/${encodeURIComponent(id)}`}${query}`;
}

function listen(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

/** The present address; the component is drawn again when it changes. */
export function useAddress(): Address {
  const hash = useSyncExternalStore(listen, () => window.location.hash);
  return useMemo(() => parseAddress(hash), [hash]);
}
