import { expect, test } from "vitest";
import { mistakes, valueAt, withValue } from "../src/decide/settings";

const DOCUMENT = { parent: { url: "https://parent", username: "gulu" }, categories: { patient: {} } };

test("a value is read by its path, and nothing where there is none", () => {
  expect(valueAt(DOCUMENT, "parent.url")).toBe("https://parent");
  expect(valueAt(DOCUMENT, "parent.url.x")).toBeUndefined();
  expect(valueAt(DOCUMENT, "push.enabled")).toBeUndefined();
});

test("a change leaves everything else and the given document as it is", () => {
  const changed = withValue(DOCUMENT, "push.enabled", true);
  expect(changed).toEqual({ ...DOCUMENT, push: { enabled: true } });
  expect(DOCUMENT).not.toHaveProperty("push");
});

test("no value takes the key away", () => {
  expect(withValue(DOCUMENT, "categories.patient", undefined)).toEqual({ ...DOCUMENT, categories: {} });
});

test("each line of a refusal is a mistake at its path", () => {
  const told = mistakes("parent.url: must be an address: with https\nfoo: is no key");
  expect([...told]).toEqual([
    ["parent.url", "must be an address: with https"],
    ["foo", "is no key"],
  ]);
  expect([...mistakes("the document is not JSON")]).toEqual([["", "the document is not JSON"]]);
});
