import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Line } from "./line";
import { childOf, Node } from "./nodes";
import { Reader, startBrowser } from "./reader";

const PATIENTS = Array.from({ length: 30 }, (_, number) => ({
  resourceType: "Patient",
  id: `7c0f4e6a-2d0b-4a43-8f0e-6d1a1c3b4f${String(number).padStart(2, "0")}`,
  gender: "female",
}));
/** So many may pass before the line is held. */
const PASSED = 10;

let browser: Browser;
let parent: Node;
let child: Node;
let line: Line;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("progress-parent");
  line = await Line.to(parent.url);
  const document = childOf(parent, { categories: { patient: {} }, transfer: { batchSize: 1 } });
  child = await Node.start("progress-child", {
    ...document,
    parent: { ...(document["parent"] as object), url: line.url, readTimeoutSeconds: 300 },
  });
  for (const patient of PATIENTS) await parent.put(patient);
});

afterAll(async () => {
  await browser?.close();
  await line?.stop();
  await child?.stop();
  await parent?.stop();
});

test("a run that is under way shows how far it is, and is stopped and goes on", async () => {
  const late = PATIENTS.slice(PASSED).map((patient) => patient.id);
  line.hold((body) => late.some((id) => body.includes(id)));
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await page.getByRole("button", { name: "Pull now" }).click();
  const bar = page.getByRole("progressbar").first();
  const done = async () => Number(await bar.getAttribute("aria-valuenow"));
  await expect.poll(done).toBeGreaterThan(0);
  expect(await done()).toBeLessThanOrEqual(PASSED);
  expect(await bar.getAttribute("aria-valuemax")).toBe(String(PATIENTS.length));
  await reader.expectAccessible();

  await page.getByRole("button", { name: "Stop this pull" }).first().click();
  await child.until<{ state: string }[]>("runs?limit=1", ([run]) => run?.state === "cancelled");
  line.release();
  await page.getByRole("button", { name: "Pull now" }).click();
  await page.getByText("All well.").waitFor();
  for (const { id } of PATIENTS) expect((await child.resource("Patient", id))["gender"]).toBe("female");
  await reader.close();
});
