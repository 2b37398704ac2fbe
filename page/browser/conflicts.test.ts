import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node, type Json } from "./nodes";
import { Reader, startBrowser } from "./reader";

const EDITED = {
  resourceType: "Patient",
  id: "7c1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f01",
  gender: "female",
  birthDate: "1980",
};
const REMOVED = { resourceType: "Patient", id: "7c1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f02", gender: "female" };
const SEVERAL = ["03", "04"].map((end) => ({
  resourceType: "Patient",
  id: `7c1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f${end}`,
  gender: "female",
}));
const MET_BY_CHILD = { resourceType: "Patient", id: "7c1d2d3e-10aa-4c55-8f6e-9d8c7b6a5f05", gender: "female" };
let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("conflicts-parent");
  child = await Node.start("conflicts-child", childOf(parent, { categories: { patient: {} } }));
  await parent.put(EDITED);
  await parent.put(REMOVED);
  await parent.put(MET_BY_CHILD);
  for (const patient of SEVERAL) await parent.put(patient);
  await child.run("pull");
  for (const patient of SEVERAL) {
    await child.put({ ...patient, gender: "male" });
    await parent.put({ ...patient, gender: "other" });
  }
  await child.put({ ...MET_BY_CHILD, gender: "male" });
  await parent.put({ ...MET_BY_CHILD, gender: "other" });
  await child.put({ ...EDITED, gender: "male", birthDate: "1981" });
  await parent.put({ ...EDITED, gender: "other", birthDate: "1982" });
  await child.put({ ...REMOVED, gender: "male" });
  await parent.remove("Patient", REMOVED.id);
  await child.run("pull");
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

async function open(reader: Reader, uuid: string): Promise<void> {
  await reader.goTo("Conflicts");
  await reader.page.getByRole("link", { name: `1 patient ${uuid}` }).click();
  await reader.page.getByRole("heading", { level: 1, name: "A conflict" }).waitFor();
}

function content({ gender, birthDate }: Json): unknown[] {
  return [gender, birthDate];
}

test("a conflict that a child met is decided at the parent, as a whole, and the child carries it out", async () => {
  await child.run("push");
  const reader = await Reader.loggedIn(browser, parent);
  const { page } = reader;
  await reader.goTo("Conflicts");
  const listed = page.getByRole("listitem").filter({ hasText: MET_BY_CHILD.id });
  await listed.getByText("Met by the child Gulu <script>window.attacked = true</script> with a push.").waitFor();
  await open(reader, MET_BY_CHILD.id);
  await page.getByText("It was changed here and at the child Gulu").waitFor();
  await page.getByText("Here it is decided for one side as a whole.").waitFor();
  expect(await page.getByRole("radio").count()).toBe(2);
  await page.getByRole("heading", { name: "At the child" }).waitFor();
  await reader.expectAccessible();
  await reader.picture("conflict-of-child");
  await page.getByLabel("What is here, wherever both changed the same").check({ force: true });
  await page.getByLabel("Reason").fill("The parent asked the patient");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.getByText("It is decided. The child Gulu").waitFor();
  await page.getByRole("link", { name: "Back to all" }).click();
  await listed.getByText("Decided by admin: what is here. The child Gulu").waitFor();
  await open(reader, MET_BY_CHILD.id);
  await page.getByText("The reason: The parent asked the patient").waitFor();
  await reader.close();

  await child.run("pull");
  expect((await child.resource("Patient", MET_BY_CHILD.id))["gender"]).toBe("other");
  await child.run("push");
  const left = await parent.read<{ object: { uuid: string } }[]>("conflicts");
  expect(left.map(({ object }) => object.uuid)).not.toContain(MET_BY_CHILD.id);
});

test("a conflict is decided field by field with the keyboard, and both sides are equal afterwards", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await open(reader, EDITED.id);
  await page.getByText("It was changed here and at the parent.").waitFor();
  await reader.expectAccessible();
  await reader.picture("conflict");
  const decide = page.getByRole("button", { name: "Decide" });

  await page.getByLabel("For each place, one of both").focus();
  await page.keyboard.press("Space");
  const gender = page.getByRole("group", { name: "Whose value holds for gender?" });
  await gender.getByLabel("Here").focus();
  await page.keyboard.press("Space");
  expect(await decide.isDisabled()).toBe(true);
  const birthDate = page.getByRole("group", { name: "Whose value holds for birth date?" });
  await birthDate.getByLabel("At the parent").focus();
  await page.keyboard.press("Space");
  await page.getByLabel("Reason").focus();
  await page.keyboard.type("The paper file says so");
  await reader.expectAccessible();
  await page.keyboard.press("Enter");
  await page.getByText("It is decided.").waitFor();
  await reader.close();

  await child.run("push");
  expect(content(await child.resource("Patient", EDITED.id))).toEqual(["male", "1982"]);
  expect(content(await parent.resource("Patient", EDITED.id))).toEqual(["male", "1982"]);
});

test("several conflicts are ticked and decided at once, and the others stay", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await reader.goTo("Conflicts");
  for (const { id } of SEVERAL) await page.getByLabel(`Choose ${id}`).check({ force: true });
  await page.getByLabel("What holds?").selectOption("theirs");
  await page.getByLabel("Reason").fill("The parent asked the patients");
  await reader.expectAccessible();
  await page.getByRole("button", { name: "Decide these" }).click();
  await page.getByText("2 are decided.").waitFor();
  for (const { id } of SEVERAL) {
    await page.getByRole("link", { name: `1 patient ${id}` }).waitFor({ state: "detached" });
    expect((await child.resource("Patient", id))["gender"]).toBe("other");
  }
  expect(await child.read<Json[]>("conflicts")).toMatchObject([{ object: { uuid: REMOVED.id } }]);
  await reader.close();
});

test("a removal of what was changed here is decided on what is shown, and kept on both sides", async () => {
  const reader = await Reader.loggedIn(browser, child);
  const { page } = reader;
  await open(reader, REMOVED.id);
  await page.getByText("It was removed at the parent, but here is what was not known there.").waitFor();
  await reader.expectAccessible();
  await reader.picture("removal");

  // Somebody changes it here meanwhile: what is shown no longer holds, and that is told.
  await child.put({ ...REMOVED, gender: "other" });
  await page.getByText("One side has changed since this was shown.").waitFor();
  await page.getByRole("button", { name: "Show what it is now" }).click();
  await page.getByLabel("Keep it: it stays here and comes back at the parent").check({ force: true });
  await page.getByLabel("Reason").fill("She came to the clinic today");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.getByText("It is decided.").waitFor();
  await page.getByRole("link", { name: "Back to all" }).click();
  await page.getByText("There are no conflicts.").waitFor();
  await reader.close();

  await child.run("push");
  expect((await parent.resource("Patient", REMOVED.id))["gender"]).toBe("other");
});
