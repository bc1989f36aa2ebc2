// What the story runs on: `candor quickstart --open`, as whoever types it has it.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { until } from "./world.mjs";

// Steps of a training: enough for a model, which the responder that the story asks does not use.
const STEPS = 2;
// How long the first world may take to be made, in milliseconds.
const MADE_WITHIN = 300_000;

export class Quickstart {
  static async start() {
    const quickstart = new Quickstart();
    quickstart.folder = mkdtempSync(join(process.env.CANDOR_E2E_FOLDER, "quickstart-"));
    // Python is to be found, and nothing that opens another browser than ours.
    const PATH = join(quickstart.folder, "programs");
    mkdirSync(PATH);
    const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
    symlinkSync(python.trim(), join(PATH, "python3"));
    const told = join(quickstart.folder, "told.txt");
    const output = openSync(told, "w");
    const words = ["quickstart", "--open", "--steps", `${STEPS}`, "--folder", join(quickstart.folder, "made")];
    const options = { stdio: ["ignore", output, output], env: { ...process.env, PATH } };
    quickstart.process = spawn(process.env.CANDOR, words, options);
    quickstart.pages = await until(() => {
      const text = readFileSync(told, "utf8");
      if (quickstart.process.exitCode !== null) throw new Error(`candor quickstart ended: ${text}`);
      return /open (http:\/\/[^/]+)\/guide/.exec(text)?.[1];
    }, "the address of the guide", MADE_WITHIN);
    return quickstart;
  }

  async stop() {
    if (this.process?.exitCode === null) {
      this.process.kill("SIGINT");
      await once(this.process, "exit");
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
