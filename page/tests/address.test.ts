import { expect, test } from "vitest";
import { linkTo, parseAddress } from "../src/address";

test("a link is read as what it was made of", () => {
  const { view, id, filters } = parseAddress(linkTo("problems", "a/b c", { status: "PARKED", words: "x&y", node: "" }));
  expect([view, id, [...filters]]).toEqual([
    "problems",
    "a/b c",
    [
      ["status", "PARKED"],
      ["words", "x&y"],
    ],
  ]);
});

test("an address that is not known is the overview", () => {
  expect(parseAddress("#/<script>")).toMatchObject({ view: "overview", id: "" });
  expect(parseAddress("#/problems/%ff")).toMatchObject({ view: "problems", id: "" });
  expect(parseAddress("")).toMatchObject({ view: "overview", id: "" });
});
