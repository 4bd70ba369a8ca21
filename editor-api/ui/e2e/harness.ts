// A real server on a port and a store of its own, and a real browser. Every page may be photographed; pictures are kept
// where ROUTEWRIGHT_SHOTS says.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

export type Keys = { readonly ADMIN: string; readonly TOUCHPOINT: string; readonly LEA: string; readonly SUPERVISOR: string; readonly WEBCHAT: string };

const BINARY = process.env["ROUTEWRIGHT_BINARY"] ?? "";
const CHROMIUM = process.env["ROUTEWRIGHT_CHROMIUM"] ?? "/usr/bin/chromium";
const SHOTS = process.env["ROUTEWRIGHT_SHOTS"];
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export class Centre {
  private constructor(
    readonly url: string,
    readonly keys: Keys,
    readonly browser: Browser,
    private readonly server: ChildProcess,
    private readonly data: string,
  ) {}

  static async open(): Promise<Centre> {
    const data = await mkdtemp(join(tmpdir(), "routewright-"));
    const server = spawn(BINARY, ["serve", "--demo", "--listen", "127.0.0.1:0", "--data", data], { stdio: ["ignore", "pipe", "ignore"] });
    const printed = await untilPrinted(server, /listening on (http:\S+)|à l’écoute sur (http:\S+)/);
    const keys = Object.fromEntries([...printed.matchAll(/^\s+([A-Z]+)=(rw_\S+)$/gm)].map(([, name, key]) => [name, key])) as Keys;
    const url = /(?:listening on|à l’écoute sur) (http:\S+)/.exec(printed)?.[1] ?? "";
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    return new Centre(url, keys, browser, server, data);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  /** A browser of its own, signed in with a key; every error on any of its pages fails the test that made it. */
  async person(key: string, look: Look = {}): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
    const { context, page, errors } = await this.visitor(look);
    await page.goto(this.url);
    await page.getByLabel(/Your key|Votre clé/).fill(key);
    await page.getByRole("button", { name: /^(Sign in|Se connecter)$/ }).click();
    await page.getByRole("navigation", { name: /^(Main|Principale)$/ }).waitFor();
    return { page, context, errors };
  }

  /** A browser that nobody signed in with. */
  async visitor({ language = "en", theme = "light", width = 1440, height = 900 }: Look = {}): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
    const locale = language === "fr" ? "fr-FR" : "en-GB";
    const context = await this.browser.newContext({ locale, colorScheme: theme, viewport: { width, height } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      // A refusal of the API is an answer; the browser writes it to the console all the same.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
    });
    return { page, context, errors };
  }

  /** A contact on WhatsApp who asks for somebody of a skill. */
  async customer(from: string, choice: string): Promise<void> {
    for (const [at, message] of [{ text: "Hello" }, { choice }].entries()) {
      const response = await fetch(`${this.url}/api/v1/touchpoints/whatsapp/messages`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.keys.TOUCHPOINT}`, "Content-Type": "application/json" },
        body: JSON.stringify({ from, event_id: `${from} ${at}`, ...message }),
      });
      if (!response.ok) throw new Error(`the message was refused: ${await response.text()}`);
    }
  }

  /** Something an administrator does without a page. */
  async ask(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.keys.ADMIN}`, "Content-Type": "application/json", ...(method === "PUT" ? { "If-Match": "*" } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} was refused: ${await response.text()}`);
    return response.json();
  }

  async shot(page: Page, name: string): Promise<void> {
    if (SHOTS === undefined) return;
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
}

export type Look = { readonly language?: "en" | "fr"; readonly theme?: "light" | "dark"; readonly width?: number; readonly height?: number };

function untilPrinted(server: ChildProcess, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    server.stdout?.on("data", (bytes: Buffer) => {
      printed += bytes.toString();
      if (wanted.test(printed)) resolve(printed);
    });
    server.on("exit", (code) => reject(new Error(`the server stopped with ${String(code)} before it listened: ${printed}`)));
    server.on("error", reject);
  });
}
