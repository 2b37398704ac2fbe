// Filters and messages of the audit, between the API's form and that of the page.

/** A point in time of the API, milliseconds since 1970 as text, as a field for a local date and time has it. */
export function timeField(milliseconds: string): string {
  const time = Number(milliseconds);
  if (milliseconds === "" || !Number.isFinite(time)) return "";
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 16);
}

/** The other way round; empty for what is no time. */
export function timeOf(field: string): string {
  const time = new Date(field).getTime();
  return Number.isNaN(time) ? "" : String(time);
}

/** The places of a document of which something did not survive. */
export function lostPaths(detail: unknown): string[] {
  const paths = (detail as { lostPaths?: unknown } | null)?.lostPaths;
  return Array.isArray(paths) ? paths.filter((path): path is string => typeof path === "string") : [];
}
