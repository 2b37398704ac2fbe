import { expect, test } from "vitest";
import { accountsNamed, namesIn, shownAccounts } from "../src/decide/accounts";

const LIMITED = { gulu: { write: [] }, lira: {} };

test("names of accounts are read one from each line", () => {
  expect(namesIn(" gulu\n\nchild of lira \n")).toEqual(["gulu", "child of lira"]);
});

test("an account that stays named keeps its limits", () => {
  expect(accountsNamed(["gulu", "kitgum"], LIMITED)).toEqual({ gulu: { write: [] }, kitgum: {} });
  expect(accountsNamed([], LIMITED)).toBeUndefined();
});

test("a text stays as it is typed while it names the same accounts", () => {
  expect(shownAccounts("lira\ngulu\n", LIMITED)).toBe("lira\ngulu\n");
  expect(shownAccounts("lira\nlira\ngulu", LIMITED)).toBe("lira\nlira\ngulu");
  expect(shownAccounts("lira", LIMITED)).toBe("gulu\nlira");
  expect(shownAccounts("", LIMITED)).toBe("gulu\nlira");
});
