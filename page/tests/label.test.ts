import { expect, test } from "vitest";
import { personIn, placeName } from "../src/decide/label";

test("a patient in either form is called by name and numbers", () => {
  const names = [
    { givenName: "Old", familyName: "Name", voided: true },
    { givenName: "Sarah", middleName: null, familyName: "Nambi" },
  ];
  const identifiers = [{ identifier: "G-005" }, { identifier: "G-004", voided: true }];
  expect(personIn({ person: { names }, identifiers })).toBe("Sarah Nambi, G-005");
  expect(personIn({ names })).toBe("Sarah Nambi");
  const name = [{ given: ["Sarah", "A."], family: "Nambi" }];
  expect(personIn({ name, identifier: [{ value: "G-005" }] })).toBe("Sarah A. Nambi, G-005");
});

test("a document of no person, or none at all, is called nothing", () => {
  expect(personIn({ name: "Ward 1" })).toBe("");
  expect(personIn(null)).toBe("");
});

test("a place is told in words without the uuid of the part", () => {
  expect(placeName("person.names[c3bbd21b-54ac-44a3-ad8d-431c49e9ac02].familyName")).toBe("person names family name");
  expect(placeName("name[0].family")).toBe("name[0] family");
  expect(placeName("gender")).toBe("gender");
});
