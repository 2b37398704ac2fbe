// The configuration document as the form shows it: a key is reached by its path, and what is wrong is told by path.

/** A JSON object. */
export type Document = Record<string, unknown>;

/** Returns the value at a path such as `parent.url`; nothing when it is not there. */
export function valueAt(document: Document, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), document);
}

/** The document with another value at a path; `undefined` takes the key away. The given document stays as it is. */
export function withValue(document: Document, path: string, value: unknown): Document {
  const [key = "", ...rest] = path.split(".");
  const inner = document[key];
  const changed = rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest.join("."), value);
  const { [key]: _replaced, ...others } = document;
  return changed === undefined ? others : { ...document, [key]: changed };
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The mistakes of a configuration, by the path of the key. */
export type Mistakes = ReadonlyMap<string, string>;

/** Reads the message of a refused configuration: a line `path: what is wrong` for each mistake. */
export function mistakes(message: string): Mistakes {
  const lines = message.split("\n").map((line): [string, string] => {
    const end = line.indexOf(": ");
    return end < 0 ? ["", line] : [line.slice(0, end), line.slice(end + 2)];
  });
  return new Map(lines.filter(([, what]) => what !== ""));
}
