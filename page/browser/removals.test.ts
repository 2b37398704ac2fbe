import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node } from "./nodes";
import { Reader, startBrowser } from "./reader";

/** Both servers remove with a patient what hangs on her, as OpenMRS does. */
const AS_OPENMRS = { lossy: true };
const KEPT = sharedPatient("1");
const GIVEN_UP = sharedPatient("2");

let browser: Browser;
let parent: Node;
let child: Node;

/** A patient whom both servers know with an encounter, and an encounter that is entered at the child later. */
function sharedPatient(digit: string) {
  const patient = { resourceType: "Patient", id: `3a1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f${digit}0`, gender: "female" };
  const encounter = (end: string, day: string) => ({
    resourceType: "Encounter",
    id: `3a1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f${digit}${end}`,
    status: "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    subject: { reference: `Patient/${patient.id}` },
    period: { start: `${day}T08:00:00Z` },
  });
  return { patient, known: encounter("1", "2026-11-20"), entered: encounter("2", "2026-11-25") };
}

type Shared = ReturnType<typeof sharedPatient>;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("removals-parent", undefined, AS_OPENMRS);
  const document = childOf(parent, { categories: { patient: {}, encounter: {} } });
  child = await Node.start("removals-child", document, AS_OPENMRS);
  for (const { patient, known } of [KEPT, GIVEN_UP]) {
    await parent.put(patient);
    await parent.put(known);
  }
  await child.run("pull");
  for (const { patient, entered } of [KEPT, GIVEN_UP]) {
    await parent.remove("Patient", patient.id);
    await child.put(entered);
  }
  await child.run("pull");
  await child.run("push");
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

/** Opens the conflict, and sees what would go along: only what its author never saw stands against the removal. */
async function openRemoval(reader: Reader, { patient, known, entered }: Shared): Promise<void> {
  const { page } = reader;
  await reader.goTo("Conflicts");
  const listed = page.getByRole("listitem").filter({ hasText: patient.id });
  await listed.getByText("a removal").waitFor();
  await listed.getByRole("link").click();
  await page.getByText("It was removed at the parent, but here is what was not known there.").waitFor();
  const along = page.getByRole("region", { name: "The removal would take along" }).getByRole("listitem");
  await along.filter({ hasText: entered.id }).getByText("never seen by who removed it").waitFor();
  const others = along.filter({ hasNotText: entered.id });
  for (const text of await others.allTextContents()) {
    expect(text).toContain(known.id);
    expect(text).not.toContain("never seen");
  }
}

async function decide(reader: Reader, choice: string): Promise<void> {
  const { page } = reader;
  const button = page.getByRole("button", { name: "Decide" });
  await page.getByLabel(choice).check({ force: true });
  expect(await button.isDisabled()).toBe(true);
  await page.getByLabel("Reason").fill("As the paper file says");
  await button.click();
  await page.getByText("It is decided.").waitFor();
}

/** Which of these are on a server, by their ids. */
async function present(node: Node, { patient, known, entered }: Shared): Promise<string[]> {
  const found: string[] = [];
  for (const { resourceType, id } of [patient, known, entered]) {
    const isThere = await node.resource(resourceType, id).then(
      () => true,
      (error: unknown) => !/: (404|410) /.test(String(error)) && Promise.reject(error),
    );
    if (isThere) found.push(id);
  }
  return found;
}

async function settle(): Promise<void> {
  for (const direction of ["pull", "push", "pull"] as const) await child.run(direction);
}

test("what a removal would take along is shown, and kept with all that hangs on it on both sides", async () => {
  const reader = await Reader.loggedIn(browser, child);
  await openRemoval(reader, KEPT);
  await reader.expectAccessible();
  await reader.picture("removal-along");
  await decide(reader, "Keep it: it stays here and comes back at the parent");
  await reader.expectAccessible();
  await reader.close();
  await settle();
  const all = [KEPT.patient.id, KEPT.known.id, KEPT.entered.id];
  expect([await present(child, KEPT), await present(parent, KEPT)]).toEqual([all, all]);
});

test("who decides for the removal removes all that was shown, on both sides", async () => {
  const reader = await Reader.loggedIn(browser, child, { width: 360, height: 740 });
  const { page } = reader;
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("banner").getByRole("link", { name: "Conflicts", exact: true }).last().click();
  await page.getByRole("link", { name: new RegExp(GIVEN_UP.patient.id) }).click();
  await page.getByRole("region", { name: "The removal would take along" }).waitFor();
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(inner).toBe(outer);
  await reader.expectAccessible();
  await decide(reader, "Remove it here, too, with what hangs on it");
  await page.getByRole("link", { name: "Back to all" }).click();
  await page.getByText("There are no conflicts.").waitFor();
  await reader.close();
  await settle();
  expect([await present(child, GIVEN_UP), await present(parent, GIVEN_UP)]).toEqual([[], []]);
  expect(await child.read("parked")).toEqual([]);
});
