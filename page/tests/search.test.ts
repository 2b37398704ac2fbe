import { expect, test } from "vitest";
import type { AuditMessage, FoundMessages } from "../src/api";
import { rest, searchOn } from "../src/decide/search";

const message = { uuid: "a" } as AuditMessage;

function found(messages: number, next: string | null): FoundMessages {
  return { messages: Array<AuditMessage>(messages).fill(message), next, lookedBackTo: next === null ? null : 5 };
}

test("a page that is not full ends where all was looked at, and else where the search stopped", () => {
  expect(rest(found(25, "5~1"), 25)).toBe("older");
  expect(rest(found(3, "5~1"), 25)).toBe("notLookedAt");
  expect(rest(found(0, "5~1"), 25)).toBe("notLookedAt");
  expect(rest(found(3, null), 25)).toBe("nothing");
});

test("a search goes on until something is found, and tells after which place", async () => {
  const answers: Record<string, FoundMessages> = {
    "9~9": found(0, "8~8"),
    "8~8": found(0, "7~7"),
    "7~7": found(1, "6~6"),
  };
  expect(await searchOn("9~9", async (after) => answers[after])).toBe("7~7");
});

test("a search that finds nothing ends where there is no more", async () => {
  const asked: string[] = [];
  const place = await searchOn("9~9", async (after) => {
    asked.push(after);
    return found(0, after === "9~9" ? "8~8" : null);
  });
  expect([place, asked]).toEqual(["8~8", ["9~9", "8~8"]]);
});

test("a search that is stopped tells no place", async () => {
  expect(await searchOn("9~9", async () => undefined)).toBeUndefined();
});
