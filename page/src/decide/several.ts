// Several conflicts that are decided in the same way, from the first click to what is sent.

/** Which of them: those that are ticked, or all of a kind. */
export type Which = "ticked" | "CONTENT" | "REMOVAL";

/** The choices that need nothing more than their name; the server refuses one that does not fit a conflict. */
const CHOICES = {
  CONTENT: ["ours", "theirs", "newest"],
  REMOVAL: ["keep", "apply"],
} as const;

export type SimpleChoice = (typeof CHOICES)["CONTENT" | "REMOVAL"][number];

/** Returns the choices for those. */
export function choicesFor(which: Which): SimpleChoice[] {
  return which === "ticked" ? [...CHOICES.CONTENT, ...CHOICES.REMOVAL] : [...CHOICES[which]];
}

export interface SeveralDraft {
  which: Which;
  choice: SimpleChoice | "";
  reason: string;
}

/** Returns true if all is chosen that the server asks for. */
export function isReady({ which, choice, reason }: SeveralDraft, ticked: string[]): boolean {
  const isOffered = choicesFor(which).some((offered) => offered === choice);
  return isOffered && reason.trim() !== "" && (which !== "ticked" || ticked.length > 0);
}

/** Returns the body to send. */
export function severalDecided({ which, choice, reason }: SeveralDraft, ticked: string[]): Record<string, unknown> {
  const meant = which === "ticked" ? { uuids: ticked } : { filter: { kind: which } };
  return { ...meant, choice, reason: reason.trim() };
}

/** The result for one of them. */
export interface OneOfSeveral {
  uuid: string;
  resolved: unknown;
  error: { kind: string; message: string } | null;
}

/** How many are decided, and why others are not: each reason once. */
export function summary(all: OneOfSeveral[]): { decided: number; open: number; reasons: string[] } {
  const errors = all.flatMap(({ error }) => (error ? [error.message] : []));
  return { decided: all.length - errors.length, open: errors.length, reasons: [...new Set(errors)].slice(0, 5) };
}
