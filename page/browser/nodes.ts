// Real standalone nodes, each a process of its own, for the page to be tried on.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const USER = "admin";
export const PASSWORD = "not-a-secret";

const BUILD = fileURLToPath(new URL("../../build", import.meta.url));
const LOGS = join(BUILD, "page-tests");
// The node, and with the demo what imitates OpenMRS's storage.
const CLASS_PATH = [join(BUILD, "standalone", "*"), join(BUILD, "demo", "*")].join(delimiter);
// The archive of the classes makes a start a quarter cheaper.
const OPTIONS = [
  `-XX:SharedArchiveFile=${join(BUILD, "standalone.jsa")}`,
  "-Xmx768m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
];

/** A JSON object. */
export type Json = Record<string, unknown>;

export class Node {
  private constructor(
    private readonly name: string,
    private readonly file: string,
    private readonly directory: string,
    /** Such as http://127.0.0.1:8080/openmrs. */
    readonly url: string,
    private process: ChildProcess | undefined,
    /** In which directions it synchronizes by itself. */
    private scheduled: string[],
  ) {}

  /** Those of a child that there were when it went away. */
  private earlierRuns: Run[] = [];

  /**
   * Starts a node; `sync` is the engine's document, nothing for one that only serves until it is set up. `more` is said of
   * the server besides.
   */
  static async start(name: string, sync?: Json, more: Json = {}): Promise<Node> {
    const directory = mkdtempSync(join(tmpdir(), `sync2-page-${name}-`));
    const port = await freePort();
    const server = { port, dataDirectory: join(directory, "data"), username: USER, password: PASSWORD, ...more };
    const file = join(directory, "node.json");
    writeFileSync(file, JSON.stringify(sync ? { server, sync } : { server }));
    const node = new Node(name, file, directory, `http://127.0.0.1:${port}/openmrs`, undefined, directionsOf(sync));
    await node.comeBack();
    return node;
  }

  /**
   * Starts it, again after `goAway`, and returns when it answers and has done what its schedule starts at once. The next
   * is a day away: what runs after this a test has asked for.
   */
  async comeBack(): Promise<void> {
    await this.listen();
    const before = new Set(this.earlierRuns.map((run) => run.id));
    const isOver = (run: Run) => !before.has(run.id) && run.state !== "running";
    await this.until<Run[]>(RUNS, (all) =>
      this.scheduled.every((direction) => all.some((run) => run.direction === direction && isOver(run))),
    );
  }

  private async listen(): Promise<void> {
    mkdirSync(LOGS, { recursive: true });
    const log = createWriteStream(join(LOGS, `${this.name}.log`), { flags: "a" });
    const program = ["-cp", CLASS_PATH, "org.openmrs.sync2.node.Main", "node", "--config", this.file];
    const process = spawn("java", [...OPTIONS, ...program], { stdio: ["ignore", "pipe", "pipe"] });
    this.process = process;
    await new Promise<void>((resolve, reject) => {
      process.once("exit", () => reject(new Error(`${this.name} did not start; its log is in ${LOGS}`)));
      for (const output of [process.stdout, process.stderr]) {
        output.pipe(log, { end: false });
        createInterface(output).on("line", (line) => line.includes("Listening on ") && resolve());
      }
    });
  }

  /** Goes on in another process with another document of the engine. */
  async restartWith(sync: Json): Promise<void> {
    await this.goAway();
    const { server } = JSON.parse(readFileSync(this.file, "utf8")) as Json;
    writeFileSync(this.file, JSON.stringify({ server, sync }));
    this.scheduled = directionsOf(sync);
    await this.comeBack();
  }

  /** Ends the process, as a power cut would. */
  async goAway(): Promise<void> {
    const process = this.process;
    if (!process) return;
    if (this.scheduled.length > 0) this.earlierRuns = await this.read<Run[]>(RUNS);
    await this.end(process);
  }

  private async end(process: ChildProcess): Promise<void> {
    this.process = undefined;
    const over = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGKILL");
    await over;
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    if (this.process) await this.end(this.process);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Creates or replaces a FHIR resource. */
  async put(resource: Json & { resourceType: string; id: string }): Promise<void> {
    await this.send("PUT", `ws/fhir2/R4/${resource.resourceType}/${resource.id}`, resource, "application/fhir+json");
  }

  /** Removes a FHIR resource. */
  async remove(type: string, id: string): Promise<void> {
    await this.send("DELETE", `ws/fhir2/R4/${type}/${id}`);
  }

  /** Gives the sync API a command. */
  async command<T>(path: string, body: Json = {}): Promise<T> {
    return (await this.send("POST", `ws/rest/v1/sync2/${path}`, body, "application/json")) as T;
  }

  /** Reads from the sync API. */
  async read<T>(path: string): Promise<T> {
    return (await this.send("GET", `ws/rest/v1/sync2/${path}`)) as T;
  }

  /** Reads a FHIR resource. */
  async resource(type: string, id: string): Promise<Json> {
    return (await this.send("GET", `ws/fhir2/R4/${type}/${id}`)) as Json;
  }

  private async send(method: string, path: string, body?: Json, type = "application/json"): Promise<unknown> {
    const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    const headers = { Authorization: authorization, "Content-Type": type, "X-Sync2": "1", "Cache-Control": "no-cache" };
    const answer = await fetch(`${this.url}/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Asks again and again; returns the first answer that is as wanted. The test's own limit ends it. */
  async until<T>(path: string, wanted: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const answer = await this.read<T>(path);
      if (wanted(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Pulls or pushes, after the run that may be under way, and returns when that is over. */
  async run(direction: "pull" | "push"): Promise<void> {
    await this.until<Run[]>(RUNS, (all) => all.every((run) => run.direction !== direction || run.state !== "running"));
    const { id } = await this.command<{ id: string }>(direction);
    await this.until<Run[]>(RUNS, (all) => all.some((run) => run.id === id && run.state !== "running"));
  }
}

const RUNS = "runs?limit=100";

interface Run {
  id: string;
  direction: string;
  state: string;
}

/** The engine's document of a child that synchronizes only when it is told to. */
export function childOf(parent: Node, more: Json = {}): Json {
  return {
    node: { name: "Gulu <script>window.attacked = true</script>" },
    parent: { url: parent.url, username: USER, password: PASSWORD },
    pull: { intervalSeconds: 86_400 },
    push: { enabled: true, intervalSeconds: 86_400 },
    // With more, when a stuck record is tried again by itself would be a matter of chance.
    retry: { attempts: 1 },
    ...more,
  };
}

function directionsOf(sync: Json | undefined): string[] {
  const isEnabled = (direction: "pull" | "push", otherwise: boolean) =>
    (sync?.[direction] as { enabled?: boolean } | undefined)?.enabled ?? otherwise;
  if (!sync?.["parent"]) return [];
  return [...(isEnabled("pull", true) ? ["pull"] : []), ...(isEnabled("push", false) ? ["push"] : [])];
}

/** Below those that the system gives to connections, so that none of them has it before the node does. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
