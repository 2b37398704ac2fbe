// What the documentation shows of each view: two servers with something in every one.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { childOf, Node, PASSWORD, USER } from "../browser/nodes";
import { Reader, startBrowser } from "../browser/reader";

const NAMES = [
  ["Ann", "Okello", "1986-03-12"],
  ["Moses", "Achieng", "1979-11-02"],
  ["Grace", "Lubega", "2001-07-23"],
  ["Peter", "Mukasa", "1994-01-30"],
  ["Ruth", "Atim", "2019-05-09"],
];
const PATIENTS = NAMES.map(([given, family, birthDate], index) => ({
  resourceType: "Patient",
  id: `4f6a1c52-93b7-4c0e-8b1d-5a7e2f90c6d${index}`,
  name: [{ id: `0c9be1d4-7f3a-4e28-9a55-d1f0b8436a2${index}`, family, given: [given] }],
  gender: index % 2 ? "male" : "female",
  birthDate,
}));
const DISPUTED = { ...PATIENTS[0]!, birthDate: "1986-03-21" };
/** Of encounters that the child does not pull. */
const OBSERVATIONS = [0, 1, 2].map((index) => ({
  resourceType: "Observation",
  id: `9d27c3b8-1e64-4f5a-a0c2-7b3d58e1f94${index}`,
  status: "final",
  code: { text: "Weight (kg)" },
  subject: { reference: `Patient/${PATIENTS[index]!.id}` },
  encounter: { reference: "Encounter/6b80d5f1-2c97-4a3e-b4d6-0e1f9a7c8352" },
  valueQuantity: { value: 61 + index, unit: "kg" },
}));
const ENCOUNTER = {
  resourceType: "Encounter",
  id: "6b80d5f1-2c97-4a3e-b4d6-0e1f9a7c8352",
  status: "finished",
  class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
  subject: { reference: `Patient/${PATIENTS[0]!.id}` },
};

let browser: Browser;
let parent: Node;
let child: Node;
let newcomer: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("pictures-parent");
  const site = { node: { name: "Gulu" }, categories: { patient: {}, observation: {}, location: {} } };
  child = await Node.start("pictures-child", childOf(parent, site));
  newcomer = await Node.start("pictures-newcomer");
  for (const resource of [...PATIENTS, ENCOUNTER, ...OBSERVATIONS]) await parent.put(resource);
  await child.run("pull");
  await child.put({ ...PATIENTS[1]!, birthDate: "1979-02-11" });
  await child.put(DISPUTED);
  await parent.put({ ...PATIENTS[0]!, birthDate: "1968-03-12", gender: "male" });
  await child.run("pull");
  await child.run("push");
});

afterAll(async () => {
  await browser?.close();
  for (const node of [newcomer, child, parent]) await node?.stop();
});

test("the views of a child", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByText("Something waits for you.").waitFor();
  await reader.picture("overview");

  await reader.goTo("Activity");
  const rows = page.getByRole("region", { name: "Activity" }).locator("tbody tr");
  await rows.first().waitFor();
  await reader.picture("activity");
  await rows.last().getByRole("link").first().click();
  await page.getByRole("region", { name: "The story of this record" }).getByRole("listitem").first().waitFor();
  await reader.picture("record");

  await reader.goTo("Problems");
  await page.getByRole("heading", { name: "3 observations waiting for 1 encounter" }).waitFor();
  await reader.picture("problems");

  await reader.goTo("Conflicts");
  await reader.picture("conflicts");
  await page.getByRole("link", { name: new RegExp(`${DISPUTED.id}`) }).click();
  await page.getByLabel("For each place, one of both").check({ force: true });
  await reader.picture("conflict");

  await reader.goTo("Settings");
  await page.getByLabel("Address of the parent").waitFor();
  await reader.picture("settings");
  await reader.close();
});

test("the sites of a parent", async () => {
  const reader = await Reader.loggedIn(browser, parent);
  await reader.goTo("Sites");
  await reader.page.getByRole("row").filter({ hasText: "Gulu" }).waitFor();
  await reader.picture("sites");
  await reader.close();
});

test("the first set-up of a server", async () => {
  const reader = await Reader.loggedIn(browser, newcomer);
  const { page } = reader;
  await page.getByRole("link", { name: "Set this server up as a child of another one" }).click();
  await page.getByLabel("What people call this server").fill("Kitgum");
  await page.getByLabel(/^Address of the parent/).fill(parent.url);
  await page.getByLabel("Our user name at the parent").fill(USER);
  await page.getByLabel("Our password at the parent").fill(PASSWORD);
  await reader.testUntilGood(page.getByRole("button", { name: "Save and test the connection" }));
  await page.getByRole("heading", { name: "2. What travels" }).waitFor();
  await reader.picture("setup");
  await reader.close();
});
