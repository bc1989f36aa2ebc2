// Rules 6, 7, 11 and 13: what is said. Each takes texts or a page, and a language.

import { asking, readChoices } from "../reading.mjs";
import { grade, languageOf } from "../language.mjs";

// What presses, shames or rewards, by language. Only whole words count.
const PRESSING = {
  en: ["help everyone", "help us", "miss out", "missing out", "recommended", "recommend", "best experience", "better experience", "full experience", "unlock", "reward",
    "bonus", "only today", "hurry", "now or never", "last chance", "limited time", "don't you want", "are you sure", "unfortunately", "sadly",
    "i don't care", "improve the world", "support us", "lose access", "degraded", "thank you for helping", "great choice", "please"],
  de: ["hilf allen", "hilf uns", "verpass", "verpasst", "verpassen", "empfohlen", "empfehlen", "bestes erlebnis", "volles erlebnis", "freischalten",
    "belohnung", "bonus", "nur heute", "beeil dich", "letzte chance", "nur kurze zeit", "willst du nicht", "bist du sicher", "leider", "schade",
    "ist mir egal", "unterstütze uns", "verlierst", "eingeschränkt", "gute wahl", "bitte", "danke"],
};
const DOUBLE_NEGATIVE = {
  en: /\b(do not|don[’']t|never|no) [^.:;]*\b(not|without|disable|opt[- ]out|stop|prevent|refuse|decline|exclude)\b/i,
  de: /\b(nicht|kein\w*|nie) [^.:;]*\b(nicht|ohne|deaktivieren|widersprechen|verhindern|ablehnen|ausschließen)\b/i,
};
const BARE = /^(on|off|yes|no|ok|okay|an|aus|ja|nein|allow|accept|reject|decline|erlauben|ablehnen|zustimmen)$/i;
/** Highest reading grade, in years of school. */
export const GRADE_MAX = 9;
// Fewer words say nothing about how hard they are to read.
const GRADED_WORDS_MIN = 60;
const SAYS = {
  en: { retention: /\b\d[\d,]* (days|months|years)\b/i, review: /\b(people|person|human|nobody)\b[^.]*\breads?\b|human review|\bread (my|your) messages/i, lasting: /\b(cannot|can't) (be )?(unlearn|undo|undone|call|called|unread|take back)|stays? in/i },
  de: { retention: /\b\d[\d.]* (tagen?|monaten?|jahren?)\b/i, review: /\b(menschen|jemand|niemand)\b[^.]*\b(lesen|liest|gelesen)\b/i, lasting: /\b(nicht (verlernen|zurückholen|rückgängig)|lässt sich [^.]*nicht|ist gelesen)\b/i },
};

/** 6: the label of a choice holds its effect, and never denies a denial. */
export function labelsSayEffect(labels, language) {
  return labels.flatMap((label) => {
    const complaints = [];
    if (BARE.test(label.trim())) complaints.push(`"${label}" does not say to what`);
    if (DOUBLE_NEGATIVE[language].test(label)) complaints.push(`"${label}" is a double negative`);
    return complaints;
  });
}

/** 6, on a page. */
export async function labelsOf(page) {
  return asking(await readChoices(page)).flatMap(({ controls }) => controls.map(({ name }) => name));
}

/** 7: no words that press, and a text that is easy to read. */
export function neutralWords(texts, language) {
  const complaints = [];
  for (const text of texts) {
    const plain = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}'’ ]+/gu, " ").replace(/\s+/g, " ").replaceAll("’", "'")} `;
    for (const word of PRESSING[language]) if (plain.includes(` ${word} `)) complaints.push(`"${word}" in "${text}"`);
  }
  const whole = texts.map((text) => (/[.!?]$/.test(text.trim()) ? text : `${text}.`)).join(" ");
  if (whole.split(/\s+/).length >= GRADED_WORDS_MIN) {
    const found = grade(whole, language);
    if (found > GRADE_MAX) complaints.push(`reading grade ${found.toFixed(1)}, at most ${GRADE_MAX}`);
  }
  return complaints;
}

/** 11: each choice says for how long, and the page says who reads and what a no cannot undo. */
export async function firstLayer(page, language) {
  const says = SAYS[language];
  const groups = asking(await readChoices(page));
  const complaints = groups.filter(({ text }) => !says.retention.test(text)).map(({ label }) => `${label || "a choice"}: no number for how long it is kept`);
  const whole = groups.map(({ text }) => text).join(" ");
  if (groups.length > 0 && !says.review.test(whole)) complaints.push("nothing about people who read messages");
  if (groups.length > 0 && !says.lasting.test(whole)) complaints.push("nothing about what cannot be undone");
  return complaints;
}

/** 13: every paragraph is in the language of the page. */
export async function oneLanguage(page) {
  const { language, blocks } = await page.evaluate(() => {
    const main = document.querySelector("main") ?? document.body;
    const found = [...main.querySelectorAll("p, li, legend, h1, h2, h3, button, a, dd, td")].filter((one) => one.checkVisibility() && !one.closest(".said, pre, [lang]:not(html)"));
    return { language: document.documentElement.lang, blocks: found.map((one) => one.innerText.trim()) };
  });
  if (!language) return ["the page does not say its language"];
  const others = blocks.filter((text) => ![null, language].includes(languageOf(text)));
  const layers = await page.$$eval("main [lang], body > [lang]", (found) => found.map((one) => one.lang));
  const named = layers.filter((other) => other && other !== language);
  return [...others.map((text) => `not in ${language}: "${text}"`), ...named.map((other) => `a part is in ${other}`)];
}
