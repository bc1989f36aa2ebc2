// What the tests run: `candor serve` on a fresh data directory, with people to play and a scripted model.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startUpstream } from "./upstream.mjs";

// How long a program may take to start or to stop, and the pause before it is asked again, in milliseconds.
const STARTS_WITHIN = 60_000;
const PAUSE = 50;
const DAY = 86_400_000;

const GATEWAY = (upstream) => `\
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"

[capture]
absorb_seconds = 1

[identity]
require_key = true

[[route]]
prefix = "/"
namespace = "openai"
upstream = "${upstream}"
distillable = true
`;
const PORTAL = `\
listen = "127.0.0.1:0"
model = "plain"

[sign_in]
`;
const PERSON = ({ name, age }) => `
[[sign_in.local]]
name = ${JSON.stringify(name)}
tenant = "default"
tier = "consumer"
region = "DE"
age = "${age}"
`;

export const ANNA = { name: "anna", age: "34" };
export const BEN = { name: "ben", age: "41" };
export const MIA = { name: "mia", age: "under-18" };

/** The first answer of `ask` that is true, asked again until the time is over, in milliseconds. */
export async function until(ask, what, within = STARTS_WITHIN) {
  const ends = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > ends) throw new Error(`${what}: not within ${within} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

export class World {
  /** `more` goes into the settings of the pages, beside the people; `prepare` gets the data directory before it is served. */
  static async start(people = [ANNA, BEN, MIA], more = "", prepare = () => {}) {
    const world = new World();
    world.folder = mkdtempSync(join(process.env.CANDOR_E2E_FOLDER, "world-"));
    world.data = join(world.folder, "data");
    world.clock = join(world.folder, "clock");
    writeFileSync(world.clock, "0");
    world.upstream = await startUpstream();
    world.run("init", "--name", "e2e.example");
    world.draft = readFileSync(join(world.data, "notices", "draft.toml"), "utf8");
    world.publish(1, "2025-01-01T00:00:00Z", (text) => text);
    writeFileSync(join(world.data, "gateway.toml"), GATEWAY(world.upstream.url));
    writeFileSync(join(world.data, "portal.toml"), PORTAL + people.map(PERSON).join("") + more);
    prepare(world.data);
    await world.serve();
    return world;
  }

  /** Runs a command on the data directory; what it prints, as JSON if it is. */
  run(...args) {
    const all = ["--quiet", "--output", "json", "--data", this.data, ...args];
    const printed = execFileSync(process.env.CANDOR, all, { env: this.environment(), encoding: "utf8" });
    return /^[[{]/.test(printed.trim()) ? JSON.parse(printed) : printed;
  }

  /** Publishes a version of the draft notice, changed. */
  publish(version, from, change) {
    const text = this.draft.replace(/^version = .*/m, `version = ${version}`);
    const path = join(this.data, "notices", `${version}.toml`);
    writeFileSync(path, change(text.replace(/^effective_at = .*/m, `effective_at = "${from}"`)));
    this.run("notice", "publish", path);
  }

  environment() {
    return { ...process.env, CANDOR_CLOCK_AHEAD: this.clock };
  }

  /** From now on it is so many days after today. */
  setDays(days) {
    writeFileSync(this.clock, String(Math.round(days * DAY)));
  }

  async serve() {
    const told = join(this.folder, "serve.txt");
    const output = openSync(told, "w");
    const stdio = ["ignore", output, output];
    this.process = spawn(process.env.CANDOR, ["--data", this.data, "serve"], { stdio, env: this.environment() });
    const find = (pattern) => until(() => {
      const text = readFileSync(told, "utf8");
      if (this.process.exitCode !== null) throw new Error(`candor serve ended: ${text}`);
      return pattern.exec(text)?.[1];
    }, String(pattern));
    this.pages = await find(/people: (http:\/\/\S+)\s/);
    this.gateway = `http://${await find(/clients: (\S+)\s/)}`;
    this.operator = await find(/operator: (http:\/\/[^/]+)\//);
    await until(() => fetch(`${this.operator}/readyz`).then((answer) => answer.ok, () => false), "/readyz");
  }

  async stop() {
    if (this.process?.exitCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    this.upstream?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

mkdirSync(process.env.CANDOR_E2E_FOLDER, { recursive: true });
