// Names that people have for a record and a place in it, told from its document.

type Fields = Record<string, unknown>;

/** The name and the numbers of the person or patient whose document it is, as REST or FHIR has it; empty of all others. */
export function personIn(document: unknown): string {
  const whole = fieldsOf(document);
  const [name] = live([
    ...listOf(whole["names"]),
    ...listOf(fieldsOf(whole["person"])["names"]),
    ...listOf(whole["name"]),
  ]);
  const numbers = live([...listOf(whole["identifiers"]), ...listOf(whole["identifier"])]);
  const called = name ? [name["givenName"], name["middleName"], name["familyName"], name["given"], name["family"]] : [];
  const numbered = numbers.map((number) => number["identifier"] ?? number["value"]);
  return [called.flat().filter(isText).join(" "), ...numbered.filter(isText)].filter(isText).join(", ");
}

/** A path such as `person.names[UUID].familyName` in words: "person names family name". */
export function placeName(path: string): string {
  return path
    .replace(/\[[^\]]*-[^\]]*\]/g, "")
    .replaceAll(".", " ")
    .replace(/([a-z])([A-Z])/g, (_, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
}

function live(parts: Fields[]): Fields[] {
  return parts.filter((part) => part["voided"] !== true);
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
