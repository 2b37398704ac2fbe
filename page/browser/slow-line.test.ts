import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childOf, Node, PASSWORD } from "./nodes";
import { Reader, startBrowser } from "./reader";

/** A line of 256 kbit/s. */
const BYTES_A_SECOND = 32_000;
const LATENCY_MS = 300;
/** As much as such a line carries in eight seconds. */
const MOST_BYTES_AT_FIRST = 8 * BYTES_A_SECOND;
const MOST_BYTES_OF_A_POLL = 2_048;

/** The bytes that a page gets over such a line, with headers. */
class SlowLine {
  private readonly polls: number[] = [];
  bytes = 0;

  private constructor(
    private readonly reader: Reader,
    private readonly session: CDPSession,
  ) {
    session.on("Network.requestWillBeSent", ({ request }) => {
      if (new URL(request.url).pathname.endsWith("/sync2/status")) this.polls.push(this.bytes);
    });
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (this.bytes += encodedDataLength));
  }

  static async under(reader: Reader): Promise<SlowLine> {
    const session = await reader.page.context().newCDPSession(reader.page);
    await session.send("Network.enable");
    const throughput = { downloadThroughput: BYTES_A_SECOND, uploadThroughput: BYTES_A_SECOND };
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: LATENCY_MS, ...throughput });
    return new SlowLine(reader, session);
  }

  /** Loads the page as a browser does that was never here. */
  async loadAnew(): Promise<void> {
    await this.session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await this.reader.page.reload();
    await this.session.send("Network.setCacheDisabled", { cacheDisabled: false });
  }

  /** Waits for that many polls from now on, and returns the bytes of each. */
  async bytesOfPolls(count: number): Promise<number[]> {
    const first = this.polls.length;
    await expect.poll(() => this.polls.length, { timeout: 120_000 }).toBeGreaterThan(first + count);
    const marks = this.polls.slice(first, first + count + 1);
    return marks.slice(1).map((bytes, index) => bytes - (marks[index] ?? 0));
  }
}

let browser: Browser;
let parent: Node;
let child: Node;

beforeAll(async () => {
  browser = await startBrowser();
  parent = await Node.start("slow-line-parent");
  child = await Node.start("slow-line-child", childOf(parent, {}));
});

afterAll(async () => {
  await browser?.close();
  await child?.stop();
  await parent?.stop();
});

test("over 256 kbit/s the first view takes what comes in eight seconds, and each poll two kilobytes", async () => {
  await child.run("pull");
  const reader = await Reader.open(browser, child);
  const line = await SlowLine.under(reader);
  const begun = performance.now();
  await line.loadAnew();
  await reader.logIn(PASSWORD);
  await reader.page.getByText("All well.").waitFor();
  console.log(`first view: ${line.bytes} bytes, ${Math.round(performance.now() - begun)} ms`);
  expect(line.bytes).toBeLessThan(MOST_BYTES_AT_FIRST);
  const polls = await line.bytesOfPolls(2);
  console.log(`polls: ${polls.join(", ")} bytes`);
  for (const bytes of polls) expect(bytes).toBeLessThan(MOST_BYTES_OF_A_POLL);
  await reader.close();
});
