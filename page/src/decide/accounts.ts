// The accounts of this server's children, as a field shows them: a user name on each line.
import type { Document } from "./settings";

/** The user names that a text has, one on each line. */
export function namesIn(text: string): string[] {
  return text
    .split("\n")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The accounts of these names. Each that is kept keeps its limits; nothing where there is no name. */
export function accountsNamed(names: string[], kept: Document): Document | undefined {
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, kept[name] ?? {}]));
}

/** Returns the text of the field: the text as it is typed, as long as it names the same accounts as the document. */
export function shownAccounts(typed: string, accounts: Document): string {
  const names = Object.keys(accounts);
  const isSame = JSON.stringify([...new Set(namesIn(typed))].sort()) === JSON.stringify([...names].sort());
  return isSame ? typed : names.join("\n");
}
