// Checks assets/check.js with files that the real program writes, and with every field of them changed.
// Run: CANDOR=path/to/candor node --test xtask/e2e/check.test.mjs

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

// The command that runs all of these tests copies them elsewhere.
const workspace = process.env.CANDOR_WORKSPACE ?? fileURLToPath(new URL("../..", import.meta.url));
const { verify } = await import(pathToFileURL(join(workspace, "crates/portal/assets/check.js")).href);
const program = process.env.CANDOR ?? join(workspace, "target/debug/candor");
const folder = mkdtempSync(join(tmpdir(), "candor-check-"));
let keys, files;

/** Everything that people get in the demonstration: receipts, one proof of absence and one of presence. */
before(() => {
  execFileSync(program, ["quickstart", "--folder", join(folder, "made"), "--quiet"]);
  const data = join(folder, "made", "ours");
  keys = readFileSync(join(data, "trust.keys"), "utf8");
  const names = readdirSync(join(data, "receipts"), { recursive: true }).filter((name) => name.endsWith(".json"));
  files = names.map((name) => ({ name, text: readFileSync(join(data, "receipts", name), "utf8") }));
});
after(() => rmSync(folder, { recursive: true }));

const bytes = (text) => new TextEncoder().encode(text);
const check = (text, trusted = keys) => verify(bytes(text), trusted);
const one = (what) => files.find(({ text }) => text.includes(what)).text;
const KINDS = ['"candor-enrolment-record-1"', '"dpv:ConsentReceipt"', '"claim": "absent"', '"claim": "present"'];
const real = () => KINDS.map((kind) => one(kind));

/** Every way to change one value of a document: letters of a text, a number, a flag, and each key taken away. */
function* changed(value, put) {
  if (typeof value === "string") {
    const places = new Set([0, 1, value.length >> 2, value.length >> 1, value.length - 2, value.length - 1]);
    for (const at of places) {
      const letter = value[at] === "A" ? "B" : value[at] === "a" ? "b" : value[at] === "1" ? "2" : /[0-9a-f]/.test(value[at] ?? "") ? "1" : "A";
      if (value[at] !== undefined) yield put(value.slice(0, at) + letter + value.slice(at + 1));
    }
    yield put(`${value} `);
  } else if (typeof value === "number") {
    yield put(value + 1);
    yield put(-1);
  } else if (typeof value === "boolean") {
    yield put(!value);
  } else if (value === null) {
    yield put("");
  } else if (Array.isArray(value)) {
    if (value.length > 0) yield put(value.slice(1));
    yield put([...value, value[0] ?? "x"]);
    for (const [at, inner] of value.entries()) yield* changed(inner, (next) => put(value.with(at, next)));
  } else {
    for (const key of Object.keys(value)) {
      const { [key]: gone, ...rest } = value;
      yield put(rest);
      yield* changed(gone, (next) => put({ ...value, [key]: next }));
    }
  }
}

test("what the program wrote is verified, in whatever order its keys stand", async () => {
  const found = await Promise.all(real().map((text) => check(text)));
  assert.deepEqual(found.map(({ verified }) => verified), [true, true, true, true], JSON.stringify(found));
  assert.deepEqual(found.map(({ what }) => what), ["receipt", "receipt", "absence", "presence"]);
  const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(real()[1])).reverse()));
  assert.equal((await check(turned)).verified, true);
});

test("with any field changed or taken away, nothing is verified", async () => {
  for (const text of real()) {
    const value = JSON.parse(text);
    let count = 0;
    for (const tampered of changed(value, (next) => next)) {
      const written = JSON.stringify(tampered);
      if (written === JSON.stringify(value)) continue;
      // A second signer says nothing against the first; the formats name the first.
      if (tampered.release?.statement?.signatures?.length > 1) continue;
      const { verified } = await check(written);
      assert.equal(verified, false, written.slice(0, 300));
      count += 1;
    }
    assert.ok(count > 60, `${count}`);
  }
});

test("each byte of a proof of the log counts", async () => {
  const value = JSON.parse(real()[0]);
  for (const name of ["log_proof", "signature"]) {
    for (let at = 0; at < value[name].length; at += 1) {
      const letter = value[name][at] === "x" ? "y" : "x";
      const text = value[name].slice(0, at) + letter + value[name].slice(at + 1);
      assert.equal((await check(JSON.stringify({ ...value, [name]: text }))).verified, false, `${name} ${at}`);
    }
  }
});

test("without keys nothing is verified, and with those of somebody else it is refused", async () => {
  for (const text of real()) {
    const found = await check(text, "");
    assert.deepEqual([found.verified, found.integrity, found.check], [false, true, "keys"]);
  }
  const data = join(folder, "other");
  execFileSync(program, ["init", "--data", data, "--quiet"]);
  const other = readFileSync(join(data, "trust.keys"), "utf8");
  for (const text of real()) assert.equal((await check(text, other)).check, "signature");
  const [operator] = keys.split("\n");
  for (const wrong of ["x", operator, `${keys}\n${keys}`, keys.replace("+", "x+")]) {
    assert.equal((await check(real()[0], wrong)).check, "keys", wrong);
  }
});

test("a document that can be read in two ways is refused", async () => {
  const text = real()[1];
  const twice = text.replace('"format"', '"format": "candor-receipt-1",\n "format"');
  const fraction = text.replace(/"version": (\d+)/, '"version": $1.0');
  const half = text.replace('"dpv:ConsentRecord"', '"\\ud800"');
  assert.ok(new Set([text, twice, fraction, half]).size === 4);
  for (const other of [twice, fraction, half, `${text}x`, text.slice(1), "", "[]", "1", `${"[".repeat(200)}`]) {
    assert.equal((await check(other)).verified, false, other.slice(0, 80));
  }
  assert.equal((await verify(new Uint8Array([0x22, 0xff, 0x22]), keys)).check, "file");
});

test("a browser that does not know the signature says so and verifies nothing", async () => {
  const own = crypto.subtle.importKey;
  crypto.subtle.importKey = () => Promise.reject(new Error("not supported"));
  try {
    assert.equal((await check(real()[0])).check, "unsupported");
  } finally {
    crypto.subtle.importKey = own;
  }
});
