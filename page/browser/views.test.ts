import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENTS = ["01", "02", "03"].map((end) => ({
  resourceType: "Patient",
  id: `5b0f4e6a-2d0b-4a43-8f0e-6d1a1c3b4f${end}`,
  gender: "female",
}));

let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("views-parent");
  const retry = { attempts: 2, firstDelaySeconds: 0.1 };
  child = await Node.start("views-child", childOf(parent, { retry, categories: { patient: {}, location: {} } }));
  for (const patient of PATIENTS) await parent.put(patient);
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

test("a pull that somebody starts brings the patients, and the overview says so", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("button", { name: "Pull now" }).click();
  await page.locator(".cds--tile").filter({ hasText: "From the parent" }).getByText("3 (").waitFor();
  await page.getByText("All well.").waitFor();
  for (const { id } of PATIENTS) expect((await child.resource("Patient", id))["gender"]).toBe("female");
  await page.getByText("Dealt with: 3 in all At most 3 on a day.").waitFor();
  await page.getByText("Had to wait, each try counted: 0 in all").waitFor();
  await page.getByText("As a table").click();
  const today = page.getByRole("region", { name: "The last days" }).locator("tbody tr").last();
  expect(await today.locator("td").allTextContents()).toEqual(["3", "0", "0"]);
  await reader.testUntilGood(page.getByRole("button", { name: "Test the connection" }));
  await reader.expectAccessible();
  await reader.close();
});

test("a parent shows its sites, first those that need somebody, and forgets one that is no more", async () => {
  await child.run("pull");
  const reader = await Reader.loggedIn(browser, parent);
  const { page } = reader;
  await reader.goTo("Sites");
  const site = page.getByRole("row").filter({ hasText: "Gulu <script>window.attacked = true</script>" });
  await site.getByText("All well").waitFor();
  const columns = await page.getByRole("columnheader").allTextContents();
  expect(columns).toEqual([
    "Site",
    "How it is",
    "Last heard of",
    "Age of the newest change received",
    "Waiting there",
    "Version",
    "Forget",
  ]);
  await site.getByText("0 stuck, 0 in conflict").waitFor();
  await reader.expectAccessible();
  page.on("dialog", (dialog) => void dialog.accept());
  await site.getByRole("button", { name: /^Forget/ }).click();
  await page.getByText("No site has synchronized with this server yet.").waitFor();
  await reader.expectAccessible();
  await child.run("pull");
  await site.waitFor();
  await reader.close();
});

test("the activity is filtered in the address bar, and a row opens to what happened", async () => {
  await child.run("pull");
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Activity");
  await page.getByLabel("Kind").selectOption("patient");
  await page.getByLabel("What became of it").selectOption("APPLIED");
  await page.waitForURL(/category=patient&status=APPLIED/);
  const rows = page.getByRole("region", { name: "Activity" }).locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(3);
  await reader.expectAccessible();

  const id = `${PATIENTS[0]?.id}`;
  await page.getByLabel("Id of the object (uuid)").fill(id);
  await page.getByLabel("Id of the object (uuid)").press("Enter");
  await page.waitForURL(/status=APPLIED&objectUuid=/);
  await expect.poll(() => rows.count()).toBe(1);
  const file = await page.getByRole("link", { name: "These as a table (CSV)" }).getAttribute("href");
  const lines = (await (await page.context().request.get(`${file}`)).text()).trim().split("\r\n");
  expect([lines.length, lines[1]?.includes(id)]).toEqual([2, true]);

  await rows.first().getByRole("link").click();
  await page.getByText("1 patient: saved").waitFor();
  await page.getByText("fhir, exchange").waitFor();
  await page.getByRole("region", { name: "The story of this record" }).getByRole("listitem").first().waitFor();
  await reader.expectAccessible();
  await page.getByRole("link", { name: "All that happened to it" }).click();
  await page.waitForURL(/objectUuid=/);
  await expect.poll(() => rows.count()).toBe(1);
  await page.goBack();
  await page.getByText("1 patient: saved").waitFor();
  await reader.close();
});

test("the settings are checked while somebody types, and a mistake stands at its field", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Settings");
  const address = page.getByLabel("Address of the parent");
  expect(await address.inputValue()).toBe(parent.url);
  expect(await page.getByLabel("Our password at the parent").inputValue()).toBe("");
  expect(await page.getByRole("checkbox", { name: "Patients" }).isChecked()).toBe(true);
  await page.getByLabel("Seconds between receiving").fill("-1");
  await page.getByText("must be a whole number from 1 to 604800").waitFor();
  expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await reader.expectAccessible();
  await page.getByLabel("Seconds between receiving").fill("60");
  await expect.poll(() => page.getByRole("button", { name: "Save" }).isEnabled()).toBe(true);
  await page.getByRole("button", { name: "Save" }).click();
  // A node has its settings in its file, and says so.
  await page.getByText("this node has its configuration in the file").waitFor();
  await reader.close();
});

test("on a phone the views are reached by the keyboard, and nothing is wider than the screen", async () => {
  const reader = await Reader.loggedIn(browser, child, { width: 360, height: 740, dark: true });
  const { page } = reader;
  for (const view of ["Problems", "Activity", "Sites", "Settings", "Overview"]) {
    await page.getByRole("button", { name: "Open the menu" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("banner").getByRole("link", { name: view, exact: true }).last().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: view, exact: true }).waitFor();
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect([view, inner]).toEqual([view, outer]);
    await reader.expectAccessible();
  }
  await reader.close();
});

test("the page speaks the browser's language, and another one once it is chosen", async () => {
  const reader = await Reader.open(browser, child, { locale: "fr-CD" });
  const { page } = reader;
  await page.getByRole("heading", { name: "Sync 2 : connexion" }).waitFor();
  await reader.logIn("not-a-secret");
  await page.getByRole("heading", { level: 1, name: "Aperçu" }).waitFor();
  await page.getByLabel("Langue").selectOption("sw");
  await page.getByRole("heading", { level: 1, name: "Muhtasari" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Muhtasari" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("sw");
  await reader.expectAccessible();
  await reader.close();
});

test("a server that is away is told, and goes on to be shown when it is back", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByText("All well.").waitFor();
  await child.goAway();
  await page.getByText("The server does not answer. This page tries again by itself.").waitFor();
  await child.comeBack();
  // Its sessions went with it.
  await page.getByText("You are no longer logged in.").waitFor();
  await page.reload();
  await reader.logIn("not-a-secret");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await reader.close();
});

test("a parent that is away is told with since when, and what to do", async () => {
  await child.run("pull");
  await parent.goAway();
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("button", { name: "Pull now" }).click();
  await page.getByText(/Stopped since .*: the parent does not answer/).waitFor();
  await page.getByText("See whether the network and the parent are up.").waitFor();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText("The connection is not good.").waitFor();
  await reader.expectAccessible();
  await reader.close();
  await parent.comeBack();
  await child.run("pull");
});
