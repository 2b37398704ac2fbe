// The line between a child and its parent, on which a test can hold requests back.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export class Line {
  private readonly held: (() => void)[] = [];
  private holds: (body: string) => boolean = () => false;

  private constructor(
    private readonly server: Server,
    private readonly parent: URL,
  ) {
    server.on("request", (asked, answer) => void this.carry(asked, answer));
  }

  /** A line to the parent at that address. */
  static async to(parent: string): Promise<Line> {
    const server = createServer();
    const line = new Line(server, new URL(parent));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  /** Where a child finds the parent. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.parent.pathname}`;
  }

  /** Holds each request whose body is such a one, until `release`. */
  hold(holds: (body: string) => boolean): void {
    this.holds = holds;
  }

  /** Lets what is held pass, and all that comes. */
  release(): void {
    this.holds = () => false;
    this.held.splice(0).forEach((pass) => pass());
  }

  async stop(): Promise<void> {
    this.release();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async carry(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await bodyOf(asked);
    if (this.holds(textOf(body))) await new Promise<void>((pass) => this.held.push(pass));
    const { hostname, port } = this.parent;
    const { method, url: path, headers } = asked;
    // With the name that the child asked for, of which the links of a feed are made.
    const forwarded = request({ hostname, port, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    forwarded.on("error", () => answer.destroy());
    forwarded.end(body);
  }
}

async function bodyOf(asked: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of asked) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The exchange compresses its lines, which their first bytes tell. */
function textOf(body: Buffer): string {
  return (body[0] === 0x1f ? gunzipSync(body) : body).toString();
}
