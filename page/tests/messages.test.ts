import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import en from "../src/messages/en.json";
import es from "../src/messages/es.json";
import fr from "../src/messages/fr.json";
import pt from "../src/messages/pt.json";
import sw from "../src/messages/sw.json";
import { preferredLanguage, stretch } from "../src/words";

const OTHERS = { es, fr, pt, sw };
const ENGLISH: Record<string, string> = en;

/** Returns the names in double braces, sorted. */
function places(text: string): string[] {
  return [...text.matchAll(/{{\w+}}/g)].map(([place]) => place).sort();
}

test.each(Object.entries(OTHERS))("%s has each message, with the same places, and no other", (_, messages) => {
  expect(Object.keys(messages).sort()).toEqual(Object.keys(ENGLISH).sort());
  for (const [key, text] of Object.entries(messages as Record<string, string>)) {
    expect([key, text.trim()]).not.toEqual([key, ""]);
    expect([key, places(text)]).toEqual([key, places(ENGLISH[key] ?? "")]);
  }
});

test.each(Object.entries(OTHERS))("%s is translated: few messages are the English ones", (_, messages) => {
  const same = Object.entries(messages).filter(
    ([key, text]) => text === ENGLISH[key] && /[a-z]{4}/.test(text.replace(/{{\w+}}/g, "")),
  );
  // Words that both languages have, such as "Conflicts" in none, or "Observations" in French.
  expect(same.map(([key]) => key).length).toBeLessThan(15);
});

test("each message that the page names exists, and each that exists is used", () => {
  const folder = new URL("../src/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  const source = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const keys = new Set(Object.keys(ENGLISH).map((key) => key.replace(/_(one|other|child)$/, "")));
  // Keys that are made of a word of the engine's begin with what is before the dot.
  const made = new Set([...source.matchAll(/`([\w.]+)\.\${/g)].map(([, start]) => start ?? ""));
  const isMade = (key: string) => [...made].some((start) => key.startsWith(`${start}.`));
  const named = [...source.matchAll(/"([\w.]+)"/g)].map(([, text]) => text);
  const unused = [...keys].filter((key) => !isMade(key) && !named.includes(key));
  expect(unused).toEqual([]);
});

test("the language is the chosen one, else the browser's first that there is, else English", () => {
  expect(preferredLanguage("sw", ["fr-CD"])).toBe("sw");
  expect(preferredLanguage(null, ["lg", "fr-CD", "en"])).toBe("fr");
  expect(preferredLanguage("tlh", [])).toBe("en");
});

test("a stretch of time is told in its largest unit and in the reader's language", () => {
  expect(stretch(12 * 60_000, "en")).toBe("12 minutes");
  expect(stretch(12 * 60_000, "sw")).toContain("12");
  expect(stretch(3 * 86_400_000, "fr")).toMatch(/^3\sjours$/);
  expect(stretch(-5, "en")).toBe("0 seconds");
});
