import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node, type Json } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENT = { resourceType: "Patient", id: "0f8f0c0e-5a1e-4b43-9a0e-3f60f3bb1f01", gender: "female" };
const ENCOUNTERS = ["01", "02", "03"].map((end) => ({
  resourceType: "Encounter",
  id: `0f8f0c0e-5a1e-4b43-9a0e-3f60f3bb2f${end}`,
  status: "finished",
  class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
  subject: { reference: `Patient/${PATIENT.id}` },
}));

interface Parked {
  object: { uuid: string };
  attempts: number;
}

let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("problems-parent");
  // It does not pull patients, so encounters wait for theirs.
  child = await Node.start("problems-child", childOf(parent, { categories: { encounter: {} } }), {
    children: { clinic: "of-the-clinic" },
  });
  await parent.put(PATIENT);
  for (const encounter of ENCOUNTERS) await parent.put(encounter);
  await child.run("pull");
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

test("everybody gets the page's files, and nobody anything else", async () => {
  const page = await fetch(`${child.url}/moduleResources/sync2/index.html`);
  expect([page.status, page.headers.get("Cache-Control")]).toEqual([200, "no-cache"]);
  expect(page.headers.get("Content-Security-Policy")).toBe("frame-ancestors 'self'");
  const script = /assets\/index-[^"]+\.js/.exec(await page.text())?.[0];
  const asset = await fetch(`${child.url}/moduleResources/sync2/${script}`);
  expect([asset.status, asset.headers.get("Content-Encoding")]).toEqual([200, "gzip"]);
  expect(asset.headers.get("Cache-Control")).toContain("immutable");
  const notices = await fetch(`${child.url}/moduleResources/sync2/THIRD-PARTY-NOTICES.txt`);
  expect(await notices.text()).toContain("@carbon/react");
  for (const path of [
    "ws/rest/v1/sync2/status",
    "moduleResources/sync2x/",
    "moduleResources/sync2/../../ws/fhir2/R4/Patient",
  ]) {
    expect([path, (await fetch(`${child.url}/${path}`)).status]).toEqual([path, 401]);
  }
  expect((await fetch(`${child.url}/moduleResources/sync2/assets/`)).status).not.toBe(200);
});

test("the browser asks for no password when the page is not logged in, and for others it does", async () => {
  const status = `${child.url}/ws/rest/v1/sync2/status`;
  expect((await fetch(status)).headers.get("WWW-Authenticate")).toContain("Basic");
  expect((await fetch(status, { headers: { "X-Sync2": "1" } })).headers.get("WWW-Authenticate")).toBeNull();
});

test("a wrong password is refused, and the right one opens the overview", async () => {
  const reader = await Reader.open(browser, child);
  const { page } = reader;
  await reader.expectAccessible();
  await reader.logIn("wrong");
  await page.getByText("The server does not accept this user name and password.").waitFor();
  await reader.logIn("not-a-secret");
  await page.getByText("Something waits for you.").waitFor();
  await page.getByText("3 stuck records and 0 conflicts wait.").waitFor();
  await reader.expectAccessible();
  await reader.close();
});

test("stuck records are found, their cause is put right, and they are retried and gone", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("link", { name: "See what is stuck" }).click();
  await page.getByRole("heading", { name: "3 encounters waiting for 1 patient" }).waitFor();
  await reader.expectAccessible();

  const id = `${ENCOUNTERS[0]?.id}`;
  const attempts = async () =>
    (await child.read<Parked[]>("parked")).find(({ object }) => object.uuid === id)?.attempts;
  expect(await attempts()).toBe(0);
  await page.getByRole("button", { name: `Try ${id} again` }).click();
  await page.locator(".record").filter({ hasText: id }).getByText("Tried again once.").waitFor();
  expect(await attempts()).toBe(1);
  expect(await page.locator(".record").count()).toBe(3);

  await child.put(PATIENT);
  await page.getByRole("button", { name: "Try all 3 again" }).click();
  await page.getByText("Nothing is stuck.").waitFor();
  expect(await child.read("parked")).toEqual([]);
  await reader.goTo("Overview");
  await page.getByText("All well.").waitFor();
  await reader.close();
});

test("one record is given up with a reason, then all of its cause, and the audit keeps who and why", async () => {
  const unknown = { ...PATIENT, id: "3d0f0c0e-5a1e-4b43-9a0e-3f60f3bb1f09" };
  const ids = ["aa000001", "bb000002", "cc000003"].map((start) => `${start}-5a1e-4b43-9a0e-3f60f3bb2f09`);
  await parent.put(unknown);
  for (const id of ids) {
    await parent.put({
      ...ENCOUNTERS[0],
      resourceType: "Encounter",
      id,
      subject: { reference: `Patient/${unknown.id}` },
    });
  }
  await child.run("pull");

  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Problems");
  await page.getByRole("heading", { name: "3 encounters waiting for 1 patient" }).waitFor();
  const file = await page.getByRole("link", { name: "All as a table (CSV)" }).getAttribute("href");
  const rows = await (await page.context().request.get(`${file}`)).text();
  expect(rows.split("\r\n").filter((row) => row.includes("MissingReference"))).toHaveLength(3);

  await page.getByRole("button", { name: "Give up aa000001" }).click();
  const one = page.getByRole("form", { name: "Give up aa000001" });
  expect(await one.getByRole("button", { name: "Give up" }).isDisabled()).toBe(true);
  await one.getByLabel("Reason").fill("It was entered <b>twice</b>");
  await reader.expectAccessible();
  await one.getByRole("button", { name: "Give up" }).click();
  await page.getByRole("heading", { name: "2 encounters waiting for 1 patient" }).waitFor();

  await page.getByRole("button", { name: "Give up all 2" }).click();
  const all = page.getByRole("form", { name: "Give up all 2" });
  await all.getByLabel("Reason").fill("They belong to another clinic");
  await all.getByRole("button", { name: "Give up" }).click();
  await page.getByText("Nothing is stuck.").waitFor();
  expect(await child.read("parked")).toEqual([]);
  for (const [id, reason] of [
    [ids[0], "It was entered <b>twice</b>"],
    [ids[2], "They belong to another clinic"],
  ]) {
    const [message] = (await child.read<{ messages: Json[] }>(`audit?objectUuid=${id}`)).messages;
    expect(message).toMatchObject({ status: "DISMISSED", detail: { dismissed: { by: "admin", reason } } });
  }
  await reader.close();
});

test("an account without the privilege sees nothing, and is told whom to ask", async () => {
  const reader = await Reader.open(browser, child);
  const { page } = reader;
  await reader.logIn("of-the-clinic", "clinic");
  for (const view of ["Overview", "Problems", "Conflicts", "Activity", "Settings"]) {
    await reader.goTo(view);
    await page.getByText("Your account may not do this. Ask an administrator for the privilege.").first().waitFor();
    await reader.expectAccessible();
  }
  await reader.close();
});
