// The languages of the page, and dates and numbers as they are written in them.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./messages/en.json";

export const LANGUAGES = { en: "English", fr: "Français", es: "Español", pt: "Português", sw: "Kiswahili" } as const;
export type Language = keyof typeof LANGUAGES;

type Messages = Record<string, string>;

// Each is a file of its own, which only who reads it loads.
const LOADERS: Record<Language, () => Promise<Messages>> = {
  en: async () => en,
  fr: async () => (await import("./messages/fr.json")).default,
  es: async () => (await import("./messages/es.json")).default,
  pt: async () => (await import("./messages/pt.json")).default,
  sw: async () => (await import("./messages/sw.json")).default,
};

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "page";
    resources: { page: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}

const KEPT = "sync2.language";

/** The language that was chosen on this computer, else the first of the browser's that there is, else English. */
export function preferredLanguage(kept: string | null, ofBrowser: readonly string[]): Language {
  const wished = [kept ?? "", ...ofBrowser].map((tag) => tag.split("-")[0]?.toLowerCase());
  return wished.find((tag): tag is Language => tag !== undefined && tag in LANGUAGES) ?? "en";
}

/** Loads the messages; to be awaited before anything is drawn. */
export async function prepareWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    fallbackLng: "en",
    defaultNS: "page",
    ns: ["page"],
    resources: { en: { page: en } },
    keySeparator: false,
    nsSeparator: false,
    // React escapes what it draws.
    interpolation: { escapeValue: false },
  });
  await speak(preferredLanguage(localStorage.getItem(KEPT), navigator.languages));
}

/** Goes on in a language, and keeps it for the next time. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language);
  await speak(language);
}

async function speak(language: Language): Promise<void> {
  i18next.addResourceBundle(language, "page", withMillions(await LOADERS[language]()));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** With a form for round millions, which French, Spanish and Portuguese count apart: the messages are the same there. */
function withMillions(messages: Messages): Messages {
  const others = Object.entries(messages).filter(([key]) => key.endsWith("_other"));
  const many = others.map(([key, text]) => [key.replace(/_other$/, "_many"), text]);
  return { ...Object.fromEntries(many), ...messages };
}

/** A point in time in the reader's format and zone; `milliseconds` since 1970. */
export function dateAndTime(milliseconds: number, language: string): string {
  return inLocalFormat(milliseconds, language, { dateStyle: "medium", timeStyle: "short" });
}

/** The day on which most of the 24 hours from that point are: where clocks were put on or back it may begin an hour off. */
export function day(from: number, language: string): string {
  return inLocalFormat(from + 12 * 3_600_000, language, { weekday: "short", day: "numeric", month: "short" });
}

function inLocalFormat(milliseconds: number, language: string, format: Intl.DateTimeFormatOptions): string {
  // The browser knows of which country the reader is.
  const local = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
  return new Intl.DateTimeFormat(local, format).format(milliseconds);
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** A stretch of time in its largest unit, such as "12 minutes"; `milliseconds` long. */
export function stretch(milliseconds: number, language: string): string {
  const [unit, length] = UNITS.find(([, size]) => milliseconds >= size) ?? ["second", 1000];
  const count = Math.max(0, Math.round(milliseconds / length));
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** A number as the language groups its digits. */
export function amount(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value);
}
