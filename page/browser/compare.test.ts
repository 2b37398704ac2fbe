import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENTS = ["01", "02", "03"].map((end) => ({
  resourceType: "Patient",
  id: `6e0f4e6a-2d0b-4a43-8f0e-6d1a1c3b4f${end}`,
  gender: "female",
}));
const [FIRST = ""] = PATIENTS.map(({ id }) => id);

let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("compare-parent", undefined, { children: { clinic: "of-the-clinic" } });
  child = await Node.start("compare-child", childOf(parent, { categories: { location: {} } }));
  for (const patient of PATIENTS) await parent.put(patient);
  // It passes the patients before it is to have them: no feed brings these any more.
  await child.run("pull");
  await child.restartWith(childOf(parent, { categories: { location: {}, patient: {} } }));
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

test("both sides are compared, and what differs is seen and repaired: one, and then all", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Compare");
  await page.getByText("Both sides have not been compared yet.").waitFor();
  await reader.expectAccessible();

  await page.getByRole("button", { name: "Compare now" }).click();
  await page.getByText("3 differences.").waitFor();
  const patients = page.getByRole("row").filter({ hasText: "Patients" });
  await patients.getByText("done").waitFor();
  const locations = page.getByRole("row").filter({ hasText: "Locations" });
  await locations.getByText("done").waitFor();
  const records = page.locator(".record");
  expect(await records.count()).toBe(3);
  await records.first().getByText("only at the parent", { exact: true }).waitFor();
  await reader.expectAccessible();

  await patients.getByRole("link", { name: "3 only at the parent" }).click();
  await page.waitForURL(/category=patient&finding=onlyThere/);
  await expect.poll(() => records.count()).toBe(3);
  const file = await page.getByRole("link", { name: "These as a table (CSV)" }).getAttribute("href");
  const rows = (await (await page.context().request.get(`${file}`)).text()).trim().split("\r\n");
  expect([rows.length, rows.slice(1).every((row) => row.includes("onlyThere"))]).toEqual([4, true]);
  await page.getByLabel("Finding").selectOption("differs");
  await page.getByText("Nothing was found.").waitFor();
  await page.getByLabel("Finding").selectOption("");
  await page.getByRole("button", { name: "Patients only: show all kinds" }).click();
  await expect.poll(() => records.count()).toBe(3);

  await page.getByRole("button", { name: `Repair ${FIRST}` }).click();
  await records
    .filter({ hasText: FIRST })
    .getByText(/^Repair begun /)
    .waitFor();
  expect((await child.resource("Patient", FIRST))["gender"]).toBe("female");
  await page.getByRole("button", { name: "Repair all 3" }).click();
  await expect.poll(() => records.getByText(/^Repair begun /).count()).toBe(3);
  for (const { id } of PATIENTS) expect((await child.resource("Patient", id))["gender"]).toBe("female");

  await page.getByRole("checkbox", { name: "Read each object on both sides" }).check({ force: true });
  await page.getByRole("button", { name: "Compare now" }).click();
  await page.getByText("Both sides are the same.").waitFor();
  expect(await child.read("verify")).toMatchObject({ deep: true });
  expect(await records.count()).toBe(0);
  await reader.expectAccessible();
  await reader.close();
});

test("a comparison that cannot be made says why, and what to do", async () => {
  await parent.goAway();
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Compare");
  await page.getByRole("button", { name: "Compare now" }).click();
  await page.getByText("It did not come to its end: the parent does not answer").waitFor();
  await page.getByText("See whether the network and the parent are up.").waitFor();
  await reader.expectAccessible();
  await reader.close();
  await parent.comeBack();
});

test("who may not see it is told so, and on a phone nothing is wider than the screen", async () => {
  const clinic = await Reader.open(browser, parent);
  await clinic.logIn("of-the-clinic", "clinic");
  await clinic.goTo("Compare");
  await clinic.page
    .getByText("Your account may not do this. Ask an administrator for the privilege.")
    .first()
    .waitFor();
  await clinic.close();
  const phone = await Reader.loggedIn(browser, child, { width: 360, height: 740, dark: true });
  await phone.page.goto(`${child.url}/moduleResources/sync2/index.html#/compare`);
  await phone.page.getByRole("region", { name: "By kind" }).waitFor();
  const [inner, outer] = await phone.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(inner).toBe(outer);
  await phone.expectAccessible();
  await phone.close();
});
