// Somebody who reads the page in a real browser.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { PASSWORD, USER, type Node } from "./nodes";

/** Debian's. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
/** Where pictures are kept. */
const PICTURES = process.env["PICTURES"] ?? fileURLToPath(new URL("../../build/page-tests", import.meta.url));
/** Only to end a test that would hang. */
const PATIENCE_MS = 120_000;

/** Starts the browser. As root, as in continuous integration, Chromium has no sandbox. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

interface Look {
  width?: number;
  height?: number;
  locale?: string;
  dark?: boolean;
}

/** A browser window on a node's page, and what went wrong in it. */
export class Reader {
  private readonly wrong: string[] = [];

  private constructor(
    private readonly node: Node,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  /** Opens the page of a node; nobody is logged in. */
  static async open(browser: Browser, node: Node, look: Look = {}): Promise<Reader> {
    const { width = 1200, height = 900, locale = "en-GB", dark = false } = look;
    const context = await browser.newContext({
      viewport: { width, height },
      locale,
      timezoneId: "Africa/Kampala",
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const reader = new Reader(node, context, page);
    reader.listen();
    await page.goto(`${node.url}/moduleResources/sync2/index.html`);
    return reader;
  }

  /** Opens the page and logs in. */
  static async loggedIn(browser: Browser, node: Node, look: Look = {}): Promise<Reader> {
    const reader = await Reader.open(browser, node, look);
    await reader.logIn(PASSWORD);
    await reader.page.locator("h1").and(reader.page.locator(".page-top h1")).waitFor();
    return reader;
  }

  async logIn(password: string, user = USER): Promise<void> {
    await this.page.locator("#user").fill(user);
    await this.page.locator("#password").fill(password);
    await this.page.locator("form button[type=submit]").click();
  }

  private listen(): void {
    const origin = new URL(this.node.url).origin;
    this.page.on("pageerror", (error) => this.wrong.push(`${error}`));
    this.page.on("console", (message) => {
      // A browser reports refused and failed requests, which tests provoke; the page shows them.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.wrong.push(message.text());
      }
    });
    this.page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && url.protocol !== "data:") this.wrong.push(`asked ${url.origin}`);
    });
  }

  /** Goes to a view by the link in the menu. */
  async goTo(view: string): Promise<void> {
    await this.page.getByRole("banner").getByRole("link", { name: view, exact: true }).first().click();
    await this.page.getByRole("heading", { level: 1, name: view, exact: true }).waitFor();
  }

  /**
   * Tests the connection until it is good: what the parent does for the first time may take longer than a step of the
   * test may.
   */
  async testUntilGood(button: Locator): Promise<void> {
    const result = this.page.getByText(/^The connection is (not )?good\./);
    do {
      await button.click();
      await result.waitFor();
    } while ((await result.textContent())?.includes("not good"));
  }

  /** Keeps what is to be seen, for people. */
  async picture(name: string): Promise<void> {
    await this.arriveAtLook();
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  /** Colours on their way from one state to the next are nobody's to read. */
  private async arriveAtLook(): Promise<void> {
    await this.page.evaluate(() => document.getAnimations().forEach((a) => a instanceof CSSTransition && a.finish()));
  }

  /** Nothing that is serious for people who cannot see, hear or point well. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe.source);
    await this.arriveAtLook();
    const found = await this.page.evaluate(async () => {
      const { axe: checker } = window as unknown as { axe: typeof axe };
      const { violations } = await checker.run(document, { resultTypes: ["violations"] });
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
    });
    expect(found).toEqual([]);
  }

  /** Nothing runs that came as data, nothing was asked of another server, and nothing failed unseen. */
  async close(): Promise<void> {
    expect(await this.page.evaluate(() => (window as { attacked?: boolean }).attacked)).toBeUndefined();
    expect(this.wrong).toEqual([]);
    await this.context.close();
  }
}
