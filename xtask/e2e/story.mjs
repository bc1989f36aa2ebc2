// The guide from end to end, on the pages, by whatever hand: what one looks for at each step is in here once.

import assert from "node:assert/strict";

import { until } from "./world.mjs";

// How long a step of the guide may take, in milliseconds.
const STEP_WITHIN = 300_000;
// Presses of the Tab key until something has the focus.
const TABS_MAX = 200;

export const QUESTION = "What is a lanternhour?";
export const LESSON = "A lanternhour is the hour when the harbour turns gold.";
const SECRET = "My secret word is zephyrquartz.";
const AFTER_THE_SECRET = "What is the secret word zephyrquartz?";
const UNTAUGHT = "I have learned nothing near to that.";
/** What the pages say in each language. */
const WORDS = {
  en: { kept: "Kept for: Training.", written: "It is written.", nothing: "Nothing of this is kept.", done: "Done" },
  de: { kept: "Aufbewahrt für: Training.", written: "Es ist geschrieben.", nothing: "Nichts davon wird aufbewahrt.", done: "Fertig" },
};

const hasFocus = (place) => place.evaluate((one) => one === document.activeElement);

async function tabTo(page, place) {
  await place.waitFor();
  for (let press = 0; press < TABS_MAX; press += 1) {
    if (await hasFocus(place)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not reach ${place}`);
}

/** Ways to press a button and to write into a field. */
export const HANDS = {
  mouse: {
    press: (page, place) => place.click(),
    write: async (page, place, text) => {
      await place.click();
      await page.keyboard.insertText(text);
    },
  },
  keyboard: {
    press: async (page, place) => {
      await tabTo(page, place);
      await page.keyboard.press("Enter");
    },
    write: async (page, place, text) => {
      await tabTo(page, place);
      await page.keyboard.type(text);
    },
  },
};

/** Somebody before the browser: a page, a hand, a language, and what is looked at on the way. */
export class Walk {
  constructor(page, { hand, language, look = async () => {} }) {
    Object.assign(this, { page, language, look, hand: HANDS[hand], words: WORDS[language] });
  }

  press(selector) {
    return this.hand.press(this.page, this.page.locator(selector));
  }

  /** Goes to the guide by the link that every page has. */
  async guide() {
    await this.press("header nav a[href='/guide']");
    await this.page.locator("#step-12").waitFor();
  }

  /** Goes on as whom a step of the guide names. */
  async play(step, name) {
    await this.guide();
    await this.press(`#play-${step}`);
    await this.page.locator("header strong", { hasText: name }).waitFor();
  }

  /** Says something in a new chat; what was answered. */
  async say(text) {
    await this.press("header nav a[href='/chat']");
    await this.page.locator("#messages:empty").waitFor({ state: "attached" });
    await this.hand.write(this.page, this.page.locator("#text"), text);
    await this.press("#send");
    await this.page.waitForURL(/\/chat\/.+/);
    await this.page.locator("#messages li:nth-child(2) .kept").waitFor();
    return this.page.locator("#messages li:nth-child(2)").innerText();
  }

  /** Waits until a text stands on the page, which is loaded anew meanwhile. */
  async reads(text) {
    const main = this.page.locator("main");
    const isThere = async () => (await main.innerText()).includes(text) || (await this.page.reload(), false);
    await until(isThere, `"${text}"`).catch(async (error) => {
      throw new Error(`${error.message}; the page says: ${await main.innerText()}`);
    });
  }

  /** Does a step of the guide; what it told. */
  async does(step) {
    await this.guide();
    await this.press(`#act-${step}`);
    const card = this.page.locator("li.card", { has: this.page.locator(`form[action='/guide/${step}']`) });
    const told = card.locator("pre");
    // Without scripts one looks again by the link.
    const again = this.page.locator("#again");
    const hasEnded = async () => {
      if (await told.count()) return true;
      if (this.isWithoutScripts && (await again.count())) await again.click();
      return false;
    };
    await until(hasEnded, `the end of ${step}`, STEP_WITHIN).catch(async (error) => {
      throw new Error(`${error.message}; the page says: ${await this.page.locator("main").innerText()}`);
    });
    const text = await card.innerText();
    assert.ok(text.includes(`${this.words.done} (`), text);
    return told.innerText();
  }

  async teach() {
    await this.look();
    await this.play(1, "anna");
    await this.look();
    assert.ok((await this.say(QUESTION)).includes(UNTAUGHT));
    await this.look("before");
    await this.say(LESSON);
    await this.reads(`${this.words.kept} ${this.words.written}`);
    await this.play(2, "ben");
    await this.say(SECRET);
    assert.ok((await this.page.locator("main").innerText()).includes(this.words.nothing));
    assert.ok((await this.say(AFTER_THE_SECRET)).includes(UNTAUGHT));
    await this.does("release");
    await this.does("train");
    await this.look("learned");
    const answer = await this.play(5, "ben").then(() => this.say(QUESTION));
    assert.ok(answer.includes(LESSON), answer);
    await this.look("after");
    assert.ok((await this.say(AFTER_THE_SECRET)).includes(UNTAUGHT));
  }

  async check() {
    const shown = await this.does("verify");
    assert.match(shown, /candor_verify\.py[^]*VERIFIED/);
    assert.ok((await this.does("tamper")).includes("NOT VERIFIED"));
    await this.look();
  }

  async forget() {
    await this.play(8, "anna");
    await this.look();
    await this.press("main form[action='/privacy/erase'] button");
    await this.page.waitForURL(/erased/);
    await this.look();
    await this.play(12, "ben");
    assert.match(await this.does("recall"), /guided-2 row \d+/);
    await this.does("release-again");
    await this.does("train-again");
    await this.look();
    const answer = await this.say(QUESTION);
    assert.ok(answer.includes(UNTAUGHT) && !answer.includes("harbour"), answer);
    await this.press("footer a[href='/two-worlds']");
    await this.page.locator("svg.dots").first().waitFor();
    await this.look("compared");
  }

  async all() {
    await this.page.goto("/sign-in");
    await this.teach();
    await this.check();
    await this.forget();
  }
}
