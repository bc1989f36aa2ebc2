// Counting words: which language a text is in, how hard it is to read, and the words of the pages.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

// Words that are frequent in one language and rare in the other.
const FREQUENT = {
  en: ["the", "and", "of", "to", "is", "you", "your", "my", "not", "what", "for", "this", "are", "it", "with", "that", "can"],
  de: ["der", "die", "das", "und", "ist", "du", "dein", "deine", "deinen", "mein", "meine", "nicht", "was", "für", "mit", "den", "wird", "ein", "kann"],
};
// Fewer frequent words than this decide nothing.
const EVIDENCE_MIN = 2;

const wordsOf = (text) => text.toLowerCase().match(/\p{L}+(?:['’]\p{L}+)?/gu) ?? [];

/** `en`, `de`, or null where a text is too short to tell. */
export function languageOf(text) {
  const words = wordsOf(text);
  const [en, de] = ["en", "de"].map((language) => words.filter((word) => FREQUENT[language].includes(word)).length);
  if (Math.max(en, de) < EVIDENCE_MIN || en === de) return null;
  return en > de ? "en" : "de";
}

const syllables = (word, language) => {
  const bare = language === "en" ? word.replace(/(?:[^laeiouy]es|[^laeiouyt]ed|[^l]e)$/, (end) => end[0]) : word;
  return Math.max(1, (bare.match(/[aeiouyäöü]+/g) ?? []).length);
};

/**
 * Years of school that a text asks for: in English the grade of Kincaid and others (1975), in German the first
 * "Wiener Sachtextformel" of Bamberger and Vanecek (1984).
 */
export function grade(text, language) {
  const words = wordsOf(text);
  const sentences = Math.max(1, (text.match(/[.!?:;](?=\s|$)/g) ?? []).length);
  const counts = words.map((word) => syllables(word, language));
  const perSentence = words.length / sentences;
  const share = (holds) => (100 * words.filter(holds).length) / words.length;
  if (language === "en") {
    return 0.39 * perSentence + (11.8 * counts.reduce((sum, count) => sum + count, 0)) / words.length - 15.59;
  }
  const many = share((_, at) => counts[at] >= 3);
  const long = share((word) => word.length > 6);
  const single = share((_, at) => counts[at] === 1);
  return 0.1935 * many + 0.1672 * perSentence + 0.1297 * long - 0.0327 * single - 0.875;
}

/** The strings of a TOML file such as ours: sections, keys, and strings on one line or between three quotes. */
export function strings(toml) {
  const found = [];
  let section = "";
  const pattern = /^\[([^\]]+)\]\s*$|^([\w-]+)\s*=\s*(?:"""\n?([\s\S]*?)"""|"((?:[^"\\]|\\.)*)")\s*$/gm;
  for (const [, header, key, long, short] of toml.matchAll(pattern)) {
    if (header) section = `${header}.`;
    else found.push({ key: section + key, text: long ?? JSON.parse(`"${short}"`) });
  }
  return found;
}

/** The words of all pages in a language: [{ file, key, text }]. */
export function locale(language) {
  const folder = join(process.env.CANDOR_WORKSPACE, "crates/portal/locales", language);
  return readdirSync(folder).flatMap((file) => strings(readFileSync(join(folder, file), "utf8")).map((entry) => ({ file, ...entry })));
}
