// Metadata that is one thing under two uuids, as the configuration's `uuidMap` has it: the parent's uuid and the one here, by
// category.
import type { Pair } from "../api";
import { valueAt, withValue, type Document } from "./settings";

/** The two uuids of one thing. */
export type Mapped = Omit<Pair, "name">;

/** All that the document says to be one. */
export function mappedPairs(document: Document): Mapped[] {
  const categories = valueAt(document, "uuidMap");
  if (!isObject(categories)) return [];
  return Object.entries(categories).flatMap(([category, uuids]) =>
    isObject(uuids) ? Object.entries(uuids).map(([parent, here]) => ({ category, parent, here: String(here) })) : [],
  );
}

/** Returns true if the document says that both are one. */
export function areOne(document: Document, { category, parent, here }: Mapped): boolean {
  return uuidsOf(document, category)[parent] === here;
}

/** The document saying that both are one. */
export function joined(document: Document, { category, parent, here }: Mapped): Document {
  return withUuids(document, category, { ...uuidsOf(document, category), [parent]: here });
}

/** The document no longer saying so. */
export function parted(document: Document, { category, parent }: Mapped): Document {
  const { [parent]: _gone, ...others } = uuidsOf(document, category);
  return withUuids(document, category, others);
}

function uuidsOf(document: Document, category: string): Document {
  const uuids = valueAt(document, `uuidMap.${category}`);
  return isObject(uuids) ? uuids : {};
}

function withUuids(document: Document, category: string, uuids: Document): Document {
  const isEmpty = Object.keys(uuids).length === 0;
  const changed = withValue(document, `uuidMap.${category}`, isEmpty ? undefined : uuids);
  const map = valueAt(changed, "uuidMap");
  return isObject(map) && Object.keys(map).length === 0 ? withValue(changed, "uuidMap", undefined) : changed;
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
