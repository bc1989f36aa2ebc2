// Checks a receipt or a proof about a release in the browser, by the bytes that docs/formats.md gives and nothing else:
// no request is made. Every input is hostile; what can be read in two ways is refused.

const BYTES_MAX = 64 << 20;
const DEPTH_MAX = 127;
const U64 = 1n << 64n;
const encoder = new TextEncoder();

/** A check that does not hold, by its code. */
class Refused extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

function demand(holds, reason) {
  if (!holds) throw new Error(reason);
}

/** What is wrong inside is a refusal of this check. */
async function under(code, inner) {
  try {
    return await inner();
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(code, error.message);
  }
}

// Bytes.

function join(...pieces) {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const utf8 = (text) => encoder.encode(text);
const sha256 = async (...pieces) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...pieces)));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const field = (bytes) => join(number(bytes.length), bytes);

function number(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function ofHex(text) {
  demand(typeof text === "string" && /^[0-9a-f]{64}$/.test(text), "a hash is not 64 hexadecimal digits");
  return Uint8Array.from(text.match(/../g), (digits) => parseInt(digits, 16));
}

function ofBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    binary = null;
  }
  demand(typeof text === "string" && binary !== null && btoa(binary) === text, "expected base64");
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function hashOfBase64(text) {
  const bytes = ofBase64(text);
  demand(bytes.length === 32, "a hash is not of 32 bytes");
  return bytes;
}

function decimal(text) {
  demand(/^(0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) < U64, "not a number below 2^64");
  return BigInt(text);
}

// JSON with one meaning: no key twice, integers only (as BigInt), no half characters.

function parseJson(text) {
  let at = 0;
  const space = () => {
    while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  };
  const take = (letter) => {
    space();
    const is = text[at] === letter;
    if (is) at += 1;
    return is;
  };
  const expect = (letter) => demand(take(letter), `expected ${letter}`);
  const string = () => {
    space();
    demand(text[at] === '"', "expected a string");
    let end = at;
    let escapes;
    do {
      end = text.indexOf('"', end + 1);
      demand(end > 0, "a string has no end");
      escapes = 0;
      while (text[end - 1 - escapes] === "\\") escapes += 1;
    } while (escapes % 2 === 1);
    const value = JSON.parse(text.slice(at, end + 1));
    demand(!/\p{Surrogate}/u.test(value), "half a character");
    at = end + 1;
    return value;
  };
  const integer = () => {
    const pattern = /-?(?:0|[1-9][0-9]{0,19})(?![0-9.eE])/y;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    demand(found !== undefined && found !== "-0", "not a value, or no integer");
    const value = BigInt(found);
    demand(value >= -(1n << 63n) && value < U64, "a number of more than 64 bits");
    at += found.length;
    return value;
  };
  const value = (depth) => {
    demand(depth <= DEPTH_MAX, "nested too deeply");
    if (take("{")) {
      const object = new Map();
      if (take("}")) return object;
      do {
        const key = string();
        demand(!object.has(key), "a key is repeated");
        expect(":");
        object.set(key, value(depth + 1));
      } while (take(","));
      expect("}");
      return object;
    }
    if (take("[")) {
      const list = [];
      if (take("]")) return list;
      do list.push(value(depth + 1));
      while (take(","));
      expect("]");
      return list;
    }
    if (text[at] === '"') return string();
    for (const [word, meant] of [["true", true], ["false", false], ["null", null]]) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meant;
      }
    }
    return integer();
  };
  const whole = value(0);
  space();
  demand(at === text.length, "something stands after the end");
  return whole;
}

/** By code points, which is the order of the bytes; that of UTF-16 differs. */
function byBytes([a], [b]) {
  const [one, other] = [Array.from(a), Array.from(b)];
  const at = one.findIndex((letter, index) => letter !== other[index]);
  if (at < 0) return one.length - other.length;
  return other.length <= at ? 1 : one[at].codePointAt(0) - other[at].codePointAt(0);
}

function canonical(value) {
  if (value instanceof Map) {
    const pairs = [...value].sort(byBytes).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
    return `{${pairs.join(",")}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

const KINDS = {
  object: (value) => value instanceof Map,
  list: Array.isArray,
  text: (value) => typeof value === "string",
  count: (value) => typeof value === "bigint" && value >= 0n,
  flag: (value) => typeof value === "boolean",
};

function member(value, name, kind) {
  const found = value instanceof Map ? value.get(name) : undefined;
  demand(KINDS[kind](found), `${name} is missing or malformed`);
  return found;
}

// Keys and notes (C2SP signed-note).

function checkName(name) {
  demand(name !== "" && utf8(name).length <= 256 && !/[\s+\p{Cc}]/u.test(name), "no name of a key");
  return name;
}

async function parseKey(text) {
  const [name, id, ...rest] = text.split("+");
  const typed = ofBase64(rest.join("+"));
  demand(typed.length === 33 && typed[0] === 1, "no Ed25519 key");
  const found = hex((await sha256(utf8(checkName(name)), [0x0a], typed)).slice(0, 4));
  demand(found === id, "a key's id does not belong to its name");
  return { name, id, public: typed.slice(1) };
}

async function parseTrust(text) {
  const lines = text.split(/\r?\n/).filter((line) => !line.trimStart().startsWith("#"));
  const keys = await Promise.all(lines.join(" ").split(/\s+/).filter(Boolean).map(parseKey));
  const [operator, log] = ["/operator", "/log"].map((role) => {
    const found = keys.filter((key) => key.name.endsWith(role));
    demand(found.length === 1, `expected one key whose name ends in ${role}`);
    return found[0];
  });
  return { operator, log };
}

async function signed(key, message, signature) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new Refused("unsupported", "this browser does not know Ed25519");
  }
  return signature.length === 64 && crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

function parseNote(text) {
  const end = text.lastIndexOf("\n\n");
  demand(text.length <= 1_000_000 && end >= 0 && text.endsWith("\n"), "a note without signatures");
  const body = text.slice(0, end + 1);
  demand(!/[\0-\x09\x0b-\x1f]/.test(body), "a note with control characters");
  const lines = text.slice(end + 2, -1).split("\n");
  demand(lines.length <= 100, "too many signatures");
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    demand(parts.length === 3 && parts[0] === "\u2014", "no line of a signature");
    const bytes = ofBase64(parts[2]);
    demand(bytes.length > 4, "a signature is too short");
    return { name: checkName(parts[1]), id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  const signers = new Set(signatures.map(({ name, id }) => `${name}+${id}`));
  demand(signers.size === signatures.length, "signed twice with one key");
  return { body, signatures };
}

async function checkNote(note, key) {
  const own = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  demand(own.length > 0, "not signed by a key you trust");
  for (const { signature } of own) {
    demand(await signed(key, utf8(note.body), signature), "the signature does not hold");
  }
}

async function openCheckpoint(note, key) {
  if (key) await checkNote(note, key);
  const lines = note.body.slice(0, -1).split("\n");
  demand(lines.length >= 3 && lines.length <= 67 && lines.every(Boolean), "no checkpoint");
  const checkpoint = { size: decimal(lines[1]), root: hashOfBase64(lines[2]) };
  demand(checkpoint.size > 0n || same(checkpoint.root, await sha256()), "no root of an empty log");
  demand(!key || lines[0] === key.name, "a checkpoint of another log");
  return checkpoint;
}

// The log (RFC 6962).

async function rootOfPath(leaf, index, size, path) {
  demand(index >= 0n && index < size, "outside the tree");
  const turns = [];
  while (size > 1n) {
    let left = 1n;
    while (left * 2n < size) left *= 2n;
    const isRight = index >= left;
    turns.push(isRight);
    [index, size] = isRight ? [index - left, size - left] : [index, left];
  }
  demand(turns.length === path.length, "the path does not fit the tree");
  let root = leaf;
  for (const sibling of path) {
    root = await (turns.pop() ? sha256([1], sibling, root) : sha256([1], root, sibling));
  }
  return root;
}

function parseLogProof(text) {
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, end).split("\n");
  demand(text.length <= 2_000_000 && end > 0 && lines.shift() === "c2sp.org/tlog-proof@v1", "no proof of the log");
  if (lines[0]?.startsWith("extra ")) ofBase64(lines.shift().slice(6));
  demand(lines[0]?.startsWith("index "), "no index");
  const index = decimal(lines.shift().slice(6));
  demand(lines.length <= 64, "too many hashes");
  return { index, path: lines.map(hashOfBase64), note: parseNote(text.slice(end + 2)) };
}

async function checkLogProof(proof, entry, key) {
  const { size, root } = await openCheckpoint(proof.note, key);
  const found = await rootOfPath(await sha256([0], entry), proof.index, size, proof.path);
  demand(same(found, root), "the path does not lead to the log's root");
}

// Receipts.

const OWN_KEYS = ["format", "record", "salt", "signature", "log_proof"];

/** What makes a receipt of consent JSON-LD, in canonical form: it follows from the record. */
const wrapperOf = (entry, created) =>
  '{"@context":{"dct":"http://purl.org/dc/terms/","dct:conformsTo":{"@type":"@id"},' +
  '"dct:created":{"@type":"xsd:dateTime"},"dpv":"https://w3id.org/dpv#","record":"dpv:hasRecordOfActivity",' +
  '"xsd":"http://www.w3.org/2001/XMLSchema#"},' +
  `"@id":"urn:candor:receipt:${entry}","@type":"dpv:ConsentReceipt",` +
  '"dct:conformsTo":"https://w3id.org/dpv/schema/dpv-27560#receipt",' +
  `"dct:created":"${created}","dct:identifier":"urn:candor:receipt:${entry}"}`;

async function checkReceipt(value, trust) {
  const receipt = await under("receipt", async () => {
    demand(member(value, "format", "text") === "candor-receipt-1", "no receipt");
    const record = member(value, "record", "object");
    const salt = ofHex(member(value, "salt", "text"));
    const entry = await sha256(utf8("cev1"), salt, utf8(canonical(record)));
    if (record.has("dct:conformsTo")) {
      const wrapper = new Map([...value].filter(([name]) => !OWN_KEYS.includes(name)));
      const fits = canonical(wrapper) === wrapperOf(hex(entry), record.get("dct:created"));
      demand(fits, "`@context` is missing or malformed");
    }
    const note = parseNote(member(value, "signature", "text"));
    demand(note.body === `candor-receipt-1\n${hex(entry)}\n`, "record or salt was changed");
    return { record, entry, note, proof: parseLogProof(member(value, "log_proof", "text")) };
  });
  if (trust) await under("signature", () => checkNote(receipt.note, trust.operator));
  await under("log", () => checkLogProof(receipt.proof, receipt.entry, trust?.log));
  return receipt;
}

async function verifyReceipt(value, trust) {
  const { record, proof } = await checkReceipt(value, trust);
  const shows = { position: String(proof.index), purpose: record.get("purpose"), state: record.get("state") };
  shows.schema = record.get("dct:conformsTo") ?? record.get("schema");
  shows.recorded_at = record.get("dct:created") ?? record.get("recorded_at");
  return { what: "receipt", shows, held: ["receipt", "log"] };
}

// Releases.

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

async function openStatement(release, trust) {
  const envelope = member(release, "statement", "object");
  const payload = await under("signature", async () => {
    demand(member(envelope, "payloadType", "text") === PAYLOAD_TYPE, "another kind of payload");
    const payload = ofBase64(member(envelope, "payload", "text"));
    const first = member(envelope, "signatures", "list")[0];
    const [keyId, signature] = [member(first, "keyid", "text"), ofBase64(member(first, "sig", "text"))];
    if (trust) {
      const { name, id } = trust.operator;
      demand(keyId === `${name}+${id}`, "signed by another than you trust");
      const prefix = utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `);
      demand(await signed(trust.operator, join(prefix, payload), signature), "the signature does not hold");
    }
    return payload;
  });
  const statement = await under("file", () => {
    const statement = parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload));
    demand(member(statement, "_type", "text") === "https://in-toto.io/Statement/v1", "another kind of statement");
    demand(member(statement, "predicateType", "text") === "urn:candor:release:1", "another kind of statement");
    const predicate = member(statement, "predicate", "object");
    const texts = ["id", "name", "purpose", "as_of", "log_checkpoint"];
    const [id, name, purpose, , checkpoint] = texts.map((key) => member(predicate, key, "text"));
    const commitment = member(predicate, "commitment", "object");
    const [rowsRoot, peopleRoot] = ["rows_root", "subjects_root"].map((key) => ofHex(commitment.get(key)));
    const [rows, people] = ["rows", "subjects"].map((key) => member(commitment, key, "count"));
    return { id, name, purpose, checkpoint, rowsRoot, peopleRoot, rows, people };
  });
  await under("log", async () => {
    statement.decidedAt = (await openCheckpoint(parseNote(statement.checkpoint), trust?.log)).size;
    const log = member(release, "log", "object");
    const entry = member(log, "entry", "object");
    const digest = hex(await sha256(payload));
    const said = ["type", "id", "statement_sha256"].map((key) => entry.get(key));
    demand(said.join(" ") === `release ${statement.id} ${digest}`, "an entry for another statement");
    const proof = parseLogProof(member(log, "log_proof", "text"));
    await checkLogProof(proof, utf8(canonical(entry)), trust?.log);
    demand(proof.index >= statement.decidedAt, "entered before it was decided");
  });
  return statement;
}

/** Reads the way through the tree of people. */
function parseWay(bytes) {
  demand(bytes.length >= 12 && bytes[0] === 1 && bytes[1] <= 2, "another version of a way");
  const view = new DataView(bytes.buffer);
  const [ending, people, depth] = [bytes[1], view.getBigUint64(2), view.getUint16(10)];
  const mapEnd = 12 + Math.ceil(depth / 8);
  demand(depth <= 256 && bytes.length >= mapEnd, "a way of the wrong length");
  const bits = Array.from({ length: 8 * (mapEnd - 12) }, (_, at) => (bytes[12 + (at >> 3)] >> (7 - (at & 7))) & 1);
  const full = bits.reduce((sum, bit) => sum + bit, 0);
  demand(bytes.length === mapEnd + 32 * (full + ending), "a way of the wrong length");
  demand(!bits.slice(depth).includes(1) && (depth === 0 || bits[depth - 1] === 1), "a way that is not canonical");
  let at = mapEnd;
  const siblings = bits.slice(0, depth).map((bit) => {
    if (bit === 0) return new Uint8Array(32);
    at += 32;
    const sibling = bytes.slice(at - 32, at);
    demand(sibling.some(Boolean), "an empty sibling is spelled out");
    return sibling;
  });
  demand(depth > 0 ? people > BigInt(full) : people === (ending === 0 ? 0n : 1n), "a way for other numbers");
  return { ending, people, siblings, rest: bytes.slice(at) };
}

const bitOf = (key, at) => (key[at >> 3] >> (7 - (at & 7))) & 1;

/** The value that the tree has for the key, or null where it shows that there is none. */
async function valueAt(way, root, key) {
  const { ending, people, siblings, rest } = way;
  let below = new Uint8Array(32);
  if (ending === 1) below = await sha256(utf8("candor-smt1-leaf"), key, rest);
  if (ending === 2) {
    const shared = siblings.every((_, at) => bitOf(key, at) === bitOf(rest, at));
    demand(shared && !same(rest.slice(0, 32), key), "a leaf that is not where the key would be");
    below = await sha256(utf8("candor-smt1-leaf"), rest);
  }
  for (let at = siblings.length - 1; at >= 0; at -= 1) {
    const pair = bitOf(key, at) ? [siblings[at], below] : [below, siblings[at]];
    below = await sha256(utf8("candor-smt1-node"), ...pair);
  }
  const found = await sha256(utf8("candor-smt1-root"), number(people), below);
  demand(same(found, root), "the way does not lead to the root");
  return ending === 1 ? rest : null;
}

async function checkRows(proof, value, statement) {
  const rows = await under("opening", async () => {
    const blind = ofHex(member(proof, "blind", "text"));
    const rows = member(proof, "rows", "list");
    const listed = rows.map((row) =>
      join(number(member(row, "row", "count")), number(member(row, "represents", "flag") ? 1 : 0)),
    );
    const tag = utf8("candor-subject-value-1");
    const opened = await sha256(field(tag), field(blind), number(rows.length), ...listed);
    demand(same(opened, value), "not the list that the release committed to");
    return rows;
  });
  await under("row-tree", async () => {
    for (const row of rows) {
      const path = member(row, "path", "list").map(ofHex);
      const found = await rootOfPath(ofHex(row.get("leaf")), row.get("row"), statement.rows, path);
      demand(same(found, statement.rowsRoot), "a row that is not in the release");
    }
  });
  return rows.map((row) => String(row.get("row")));
}

async function verifyProof(value, trust) {
  const [claim, way] = await under("file", () => {
    const claim = member(value, "claim", "text");
    demand(claim === "absent" || claim === "present", "neither absent nor present");
    return [claim, parseWay(ofBase64(member(value, "subject_path", "text")))];
  });
  const receipt = await checkReceipt(value.get("receipt"), trust);
  const nonce = await under("enrolment", () => {
    demand(receipt.record.get("schema") === "candor-enrolment-record-1", "not the receipt of an enrolment");
    return ofHex(receipt.record.get("nonce"));
  });
  const statement = await under("file", () => openStatement(member(value, "release", "object"), trust));
  await under("enrolment", () => demand(receipt.proof.index < statement.decidedAt, "enrolled too late"));
  const tag = utf8("candor-subject-key-1");
  const key = await sha256(field(tag), field(utf8(statement.id)), field(nonce));
  const found = await under("subject-tree", async () => {
    const found = await valueAt(way, statement.peopleRoot, key);
    demand((found === null) === (claim === "absent"), "the tree shows the opposite");
    return found;
  });
  const shows = { release: statement.name, id: statement.id, purpose: statement.purpose };
  const held = ["receipt", "enrolment", "log", "subject-tree"];
  if (found === null) return { what: "absence", shows, held };
  shows.rows = (await checkRows(value, found, statement)).join(", ");
  return { what: "presence", shows, held: [...held, "opening", "row-tree"] };
}

/**
 * Checks the bytes of a file, with the text of the two keys that somebody trusts. `verified` alone is a yes; without
 * keys only the file itself is checked (`integrity`), and `check` is `keys`.
 */
export async function verify(bytes, keys) {
  try {
    if (!globalThis.crypto?.subtle) throw new Refused("unsupported", "this page is not loaded over a safe connection");
    const trust = keys.trim() === "" ? null : await under("keys", () => parseTrust(keys));
    const value = await under("file", () => {
      demand(bytes.length <= BYTES_MAX, "too large");
      return parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    });
    const format = value instanceof Map ? value.get("format") : undefined;
    const kinds = new Map([["candor-receipt-1", verifyReceipt], ["candor-proof-1", verifyProof]]);
    const kind = kinds.get(format);
    if (!kind) throw new Refused("file", "neither a receipt nor a proof");
    const report = await kind(value, trust);
    if (!trust) return { ...report, verified: false, integrity: true, check: "keys" };
    return { ...report, verified: true, held: ["signature", ...report.held] };
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused("file", error.message);
    return { verified: false, check: refused.code, reason: refused.message };
  }
}

// The page: words come from it, so that they are in the reader's language.

function show(verdict, name) {
  const word = (code) => document.querySelector(`#check-words [data-code="${code}"]`)?.textContent ?? code;
  const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const outcome = verdict.verified ? "verified" : verdict.integrity ? "integrity" : "refused";
  const parts = [line("h2", `${word(outcome)}: ${name}`)];
  if (verdict.what) parts.push(line("p", word(verdict.what)));
  else parts.push(line("p", word(`no-${verdict.check}`)));
  const list = document.createElement("ul");
  for (const code of verdict.held ?? []) list.append(line("li", word(code)));
  for (const [key, value] of Object.entries(verdict.shows ?? {})) {
    if (value !== undefined) list.append(line("li", `${word(`shows-${key}`)} ${value}`));
  }
  if (list.childElementCount) parts.push(list);
  const card = document.createElement("section");
  card.className = "card";
  card.dataset.outcome = outcome;
  card.append(...parts);
  return card;
}

function wire() {
  const form = document.getElementById("check");
  if (!form) return;
  form.hidden = false;
  document.getElementById("check-start").addEventListener("click", async () => {
    const files = Array.from(document.getElementById("check-files").files);
    const keys = document.getElementById("check-keys").value;
    const cards = files.map(async (file) =>
      show(await verify(file.size > BYTES_MAX ? new Uint8Array() : new Uint8Array(await file.arrayBuffer()), keys), file.name),
    );
    document.getElementById("check-result").replaceChildren(...(await Promise.all(cards)));
  });
}

if (typeof document !== "undefined") wire();
