import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Node, PASSWORD, USER, type Json } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENT = { resourceType: "Patient", id: "6d1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f00", gender: "female" };
const WARD = ward("1", "Ward <script>window.attacked = true</script>");
const LABORATORY = ward("2", "Laboratory");

let browser: Browser;
let parent: Node;
let child: Node;

/** A place that somebody entered by hand on both servers, and an encounter that happened there. */
function ward(digit: string, name: string) {
  const id = (end: string) => `6d1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f${digit}${end}`;
  const location = (end: string) => ({ resourceType: "Location", id: id(end), status: "active", name });
  const theirs = location("1");
  const encounter = {
    resourceType: "Encounter",
    id: id("3"),
    status: "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    subject: { reference: `Patient/${PATIENT.id}` },
    period: { start: "2026-11-20T08:00:00Z" },
    location: [{ location: { reference: `Location/${theirs.id}` } }],
  };
  return { name, theirs, ours: location("2"), encounter };
}

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("namesakes-parent");
  // It refuses a second location of a name, as OpenMRS with the module does.
  child = await Node.start("namesakes-child", undefined, { lossy: true });
  await child.put(WARD.ours);
  await child.put(LABORATORY.ours);
  for (const resource of [PATIENT, WARD.theirs, WARD.encounter]) await parent.put(resource);
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

function pair({ name, theirs, ours }: ReturnType<typeof ward>): string {
  return `Locations: ${name}. Here ${ours.id}, at the parent ${theirs.id}.`;
}

/** Where an encounter happened, as the child has it. */
async function placeOf(encounter: { id: string }): Promise<unknown> {
  const found = (await child.resource("Encounter", encounter.id)) as { location?: { location: Json }[] };
  return found.location?.[0]?.location["reference"];
}

test("a ward of one name with two uuids is found at the first set-up, ticked, and what happened there comes", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("link", { name: "Set this server up as a child of another one" }).click();
  await page.getByLabel("What people call this server").fill("Gulu");
  await page.getByLabel(/^Address of the parent/).fill(parent.url);
  await page.getByLabel("Our user name at the parent").fill(USER);
  await page.getByLabel("Our password at the parent").fill(PASSWORD);
  await reader.testUntilGood(page.getByRole("button", { name: "Save and test the connection" }));
  await page.getByRole("button", { name: "Begin the first pull" }).click();

  const one = page.getByRole("checkbox", { name: pair(WARD) });
  await one.waitFor();
  await expect(placeOf(WARD.encounter)).rejects.toThrow("404");
  const save = page.getByRole("button", { name: "Save and pull again" });
  expect([await one.isChecked(), await save.isDisabled()]).toEqual([false, true]);
  await reader.expectAccessible();
  await reader.picture("namesakes");
  await one.focus();
  await page.keyboard.press("Space");
  await save.click();
  await one.waitFor({ state: "detached" });
  await expect.poll(() => placeOf(WARD.encounter).catch(() => "not yet")).toBe(`Location/${WARD.ours.id}`);
  await page.getByRole("link", { name: "See what is stuck" }).waitFor({ state: "detached" });
  await reader.expectAccessible();
  await reader.close();
  expect(await child.read<Json>("config")).toMatchObject({
    uuidMap: { location: { [WARD.theirs.id]: WARD.ours.id } },
  });
  await expect(child.resource("Location", WARD.theirs.id)).rejects.toThrow("404");
});

test("another one is ticked in the settings on a phone, and the first stays", async () => {
  for (const resource of [LABORATORY.theirs, LABORATORY.encounter]) await parent.put(resource);
  await child.run("pull");
  const reader = await Reader.loggedIn(browser, child, { width: 360, height: 740, dark: true });
  const { page } = reader;
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("banner").getByRole("link", { name: "Settings", exact: true }).last().click();
  const one = page.getByRole("checkbox", { name: pair(LABORATORY) });
  await one.check({ force: true });
  const before = `Locations: here ${WARD.ours.id}, at the parent ${WARD.theirs.id}.`;
  expect(await page.getByRole("checkbox", { name: before }).isChecked()).toBe(true);
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(inner).toBe(outer);
  await reader.expectAccessible();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. It goes on with these settings.").waitFor();
  await one.waitFor({ state: "detached" });
  expect(await child.read<Json>("config")).toMatchObject({
    uuidMap: { location: { [WARD.theirs.id]: WARD.ours.id, [LABORATORY.theirs.id]: LABORATORY.ours.id } },
  });
  await child.run("pull");
  expect(await placeOf(LABORATORY.encounter)).toBe(`Location/${LABORATORY.ours.id}`);
  expect(await child.read("parked")).toEqual([]);
  await reader.close();
});
