import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Node, PASSWORD, USER } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENT = { resourceType: "Patient", id: "9e1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f01", gender: "female" };
let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("setup-parent");
  child = await Node.start("setup-child");
  await parent.put(PATIENT);
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

test("a server without any configuration gets its first patient without anybody leaving the page", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("link", { name: "Set this server up as a child of another one" }).click();
  await page.getByRole("heading", { level: 1, name: "First set-up" }).waitFor();
  await page.getByLabel("What people call this server").fill("Gulu");
  await page.getByLabel(/^Address of the parent/).fill(parent.url);
  await page.getByLabel("Our user name at the parent").fill(USER);
  await page.getByLabel("Our password at the parent").fill("wrong");
  await reader.expectAccessible();

  const save = page.getByRole("button", { name: "Save and test the connection" });
  await save.click();
  await page.getByText(/^The connection is not good\./).waitFor();
  expect(await page.getByRole("heading", { name: "2. What travels" }).count()).toBe(0);
  expect(await child.read("runs")).toEqual([]);
  await page.getByLabel("Our password at the parent").fill(PASSWORD);
  await reader.testUntilGood(save);

  await page.getByRole("heading", { name: "Checks before the first sync" }).waitFor();
  // The two nodes are in one zone and share a clock; a node tells no modules.
  await page.getByText(/^Nothing stands in the way|^The first sync works/).waitFor();
  await page.getByRole("listitem").filter({ hasText: "Reach the parent answers" }).waitFor();
  await page.getByRole("heading", { name: "2. What travels" }).waitFor();
  expect(await page.getByLabel("Patients", { exact: true }).isChecked()).toBe(true);
  await reader.expectAccessible();
  await reader.picture("setup");
  await page.getByRole("button", { name: "Begin the first pull" }).click();
  await page.getByText("Done: 1 object is here now.").waitFor();
  expect((await child.resource("Patient", PATIENT.id))["gender"]).toBe("female");
  await reader.expectAccessible();

  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.getByText("All well.").waitFor();
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.getByText("the first pull has begun already").waitFor();
  await reader.expectAccessible();
  await reader.close();
});

test("an unconfigured server leads to the set-up, or only serves", async () => {
  const reader = await Reader.loggedIn(browser, parent);
  const { page } = reader;
  // As OpenMRS answers as long as nobody has configured anything. A node without any configuration serves at once.
  const closed = { error: { kind: "Closed", message: "nobody has set Sync 2 up yet" } };
  await page.route("**/sync2/status", (route) => route.fulfill({ json: { problems: [closed.error.message] } }));
  await page.route(/sync2\/(runs|days)/, (route) => route.fulfill({ status: 503, json: closed }));
  let kept: unknown = { pull: { firstRun: "feed" } };
  await page.route("**/sync2/config", (route) => {
    if (route.request().method() === "POST") kept = route.request().postDataJSON();
    return route.fulfill({ json: kept });
  });
  await page.reload();
  await page.getByText("This server is not set up yet.").waitFor();
  expect(await page.getByText("The server did not do it.").count()).toBe(0);
  await page.getByRole("link", { name: "Set this server up as a child of another one" }).waitFor();
  await reader.expectAccessible();

  await page.getByRole("button", { name: "It has no parent: it only serves its sites" }).click();
  await page.getByText("Synchronization is not running.").waitFor();
  expect(kept).toEqual({ pull: { firstRun: "feed", enabled: false } });
  await page.unrouteAll();
  await page.getByText("All well. This server has no parent").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  await reader.close();
});

test("what was set up holds after the server was away, and no password is shown", async () => {
  await child.goAway();
  await child.comeBack();
  const shown = JSON.stringify(await child.read("config"));
  expect(shown).toContain(parent.url);
  expect(shown).not.toContain(PASSWORD);
  expect(await child.read("status")).toMatchObject({ parent: parent.url, pullEnabled: true, pushEnabled: true });
});
