// Rules 1 to 3, 5, 8, 14 and 20: what is asked, and how the answers look beside each other.

import { asking, pair, readChoices } from "../reading.mjs";
import { VIEWPORTS } from "../browser.mjs";

// Bounds of the ratio of two areas, and most that two contrast ratios may differ.
const AREA_RATIO = [0.9, 1.1];
const CONTRAST_DIFFERENCE_MAX = 0.5;
const ANSWERS_MAX = 3;
const TARGET_PIXELS_MIN = 24;
const OPACITY_MIN = 0.9;
// Most words in which uses of different kinds are told from each other.
const USES = [
  /\btrain(ing|ier\w*)?\b/i, /\b(review|people .*read|menschen .*lesen)\b/i, /\bpersonali[sz]\w*|personalisier\w*/i,
  /\bmemory|gedächtnis/i, /\b(partners?|third part\w+|dritte\w*)\b/i, /\b(keep my chats|aufbewahren)\b/i,
  /\b(publish|veröffentlich\w*)\b/i, /\b(count my|zählen)\b/i,
];

const named = ({ label }) => label || "a choice";

/** 1: nothing is on before the person did something, and nothing is sent by itself. */
export async function nothingPreselected(page) {
  const complaints = [];
  for (const group of asking(await readChoices(page))) {
    for (const { isOn, kind, text } of group.controls) {
      if (isOn && kind !== "no") complaints.push(`${named(group)}: "${text}" is on before anybody chose`);
    }
  }
  const sent = [];
  const listen = (request) => request.method() !== "GET" && sent.push(`${request.method()} ${request.url()}`);
  page.on("request", listen);
  await page.reload({ waitUntil: "load" });
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.keyboard.press("Escape");
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  page.off("request", listen);
  return [...complaints, ...sent.map((request) => `sent by loading, scrolling or closing: ${request}`)];
}

/** 2: yes and no are the same kind of control, in the same place, next to each other. */
export async function sameComponent(page) {
  return asking(await readChoices(page)).flatMap((group) => {
    const { yes, no } = pair(group);
    // A switch is both.
    if (!yes) return [];
    if (!no) return [`${named(group)}: there is a yes and beside it no no`];
    const complaints = [];
    if (yes.tag !== no.tag || yes.type !== no.type) complaints.push(`yes is a ${yes.tag} ${yes.type}, no is a ${no.tag} ${no.type}`);
    if (yes.step >= 0 && no.step >= 0 && Math.abs(yes.step - no.step) > 1) complaints.push("yes and no are not next to each other");
    return complaints.map((text) => `${named(group)}: ${text}`);
  });
}

/** 3: yes and no are equally prominent, at rest and under the mouse. */
export async function equalProminence(page) {
  const complaints = [];
  for (const group of asking(await readChoices(page))) {
    const { yes, no } = pair(group);
    if (!yes || !no) continue;
    const complain = (text) => complaints.push(`${named(group)}: ${text}`);
    const ratio = (no.box.width * no.box.height) / (yes.box.width * yes.box.height);
    if (ratio < AREA_RATIO[0] || ratio > AREA_RATIO[1]) complain(`the area of no is ${ratio.toFixed(2)} of that of yes`);
    for (const [property, value] of Object.entries(yes.look)) {
      if (no.look[property] !== value) complain(`${property}: yes has ${value}, no has ${no.look[property]}`);
    }
    if (Math.abs(yes.contrast - no.contrast) > CONTRAST_DIFFERENCE_MAX) {
      complain(`contrast: yes has ${yes.contrast.toFixed(1)}, no has ${no.contrast.toFixed(1)}`);
    }
    const [over, under] = [await hovered(page, yes), await hovered(page, no)];
    if (over !== under) complain(`under the mouse yes becomes ${over}, no becomes ${under}`);
  }
  return complaints;
}

async function hovered(page, { selector }) {
  const found = page.locator(selector);
  if (!(await found.isVisible())) return "hidden";
  await found.hover({ force: true });
  return found.evaluate((one) => {
    // Which answer holds may be marked; for the comparison it is not, and transitions are over.
    const pressed = one.getAttribute("aria-pressed");
    if (pressed) one.setAttribute("aria-pressed", "false");
    one.getAnimations().forEach((animation) => animation.finish());
    const { borderTopColor, color, backgroundColor, boxShadow, cursor, outlineStyle } = getComputedStyle(one);
    const style = JSON.stringify({ borderTopColor, color, backgroundColor, boxShadow, cursor, outlineStyle });
    if (pressed) one.setAttribute("aria-pressed", pressed);
    return style;
  });
}

/** 5: at most yes, no and later. */
export async function threeAnswers(page) {
  return asking(await readChoices(page)).flatMap((group) => {
    const { yes, no, later } = pair(group);
    const complaints = [];
    if (group.controls.length > ANSWERS_MAX) complaints.push(`${group.controls.length} answers, at most ${ANSWERS_MAX}`);
    const kinds = group.controls.map(({ kind }) => kind);
    for (const kind of ["yes", "no", "later"]) {
      if (kinds.filter((other) => other === kind).length > 1) complaints.push(`more than one answer means ${kind}`);
    }
    if (yes && later && !no) complaints.push("yes and later, without a no");
    return complaints.map((text) => `${named(group)}: ${text}`);
  });
}

/** 8: one use for each control. */
export async function onePurpose(page) {
  return asking(await readChoices(page)).flatMap((group) =>
    group.controls.flatMap(({ kind, name }) => {
      const about = kind === "toggle" || group.controls.length <= ANSWERS_MAX ? `${group.label} ${name}` : name;
      const uses = USES.filter((pattern) => pattern.test(about));
      return uses.length > 1 ? [`"${name}" is about ${uses.length} uses at once`] : [];
    }));
}

/** 14: a no is not hidden where a yes is seen, at any size. */
export async function refusalSeen(page) {
  const complaints = [];
  const before = page.viewportSize();
  for (const viewport of VIEWPORTS) {
    await page.setViewportSize(viewport);
    for (const group of asking(await readChoices(page))) {
      const { yes, no } = pair(group);
      if (!yes?.isSeen || !no) continue;
      const complain = (text) => complaints.push(`${named(group)} at ${viewport.width}x${viewport.height}: ${text}`);
      if (!no.isSeen || no.opacity < OPACITY_MIN) complain("no cannot be seen");
      if (no.box.width < TARGET_PIXELS_MIN || no.box.height < TARGET_PIXELS_MIN) complain("no is too small a target");
      if (no.box.x < 0 || no.box.x + no.box.width > viewport.width + 1) complain("no is off the screen");
      // Both may be further down, but not so that only one fits on a screen that begins with the yes.
      if (no.box.y + no.box.height - yes.box.y > viewport.height && no.box.y > yes.box.y) complain("no is below the fold when yes is seen");
    }
  }
  if (before) await page.setViewportSize(before);
  return complaints;
}

/** 20: yes and no have names of the same make, and cost the keyboard the same. */
export async function equalNames(page) {
  return asking(await readChoices(page)).flatMap((group) => {
    const { yes, no } = pair(group);
    if (!yes || !no) return [];
    const complaints = [];
    const speaksOut = ({ name, text }) => name.toLowerCase().includes(text.toLowerCase());
    if (!speaksOut(yes) || !speaksOut(no)) complaints.push(`what is read out is not what is seen: "${yes.name}", "${no.name}"`);
    const frame = ({ name }) => name.split(/[:,]/)[0];
    const bothFramed = /[:,]/.test(yes.name) || /[:,]/.test(no.name);
    if (bothFramed && frame(yes) !== frame(no)) complaints.push(`names differ beyond the answer: "${yes.name}", "${no.name}"`);
    if (yes.step < 0 !== no.step < 0) complaints.push("only one of yes and no is reached by keyboard");
    return complaints.map((text) => `${named(group)}: ${text}`);
  });
}
