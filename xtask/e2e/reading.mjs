// What a page asks, read from what people see and not from how our own pages are written: so that the same rules can
// be held against a page of anybody's.

/**
 * The choices on a page: groups of controls that say yes, no or later, or that can be switched.
 * Each control has `kind` (yes, no, later or toggle), its words, how it looks, where it is, and the step of the Tab key
 * at which it comes.
 */
export const readChoices = (page) => page.evaluate(readHere);

function readHere() {
  const WORDS = [
    ["later", /\b(later|remind|ask me|später|erinner\w*)(?![\w])/i],
    ["no", /\b(no|don[’']?t|do not|refuse|reject|decline|deny|without|take back|withdraw|nein|nicht|ablehnen|zurücknehmen)(?![\w])/i],
    ["yes", /\b(yes|allow|accept|agree|ok|okay|got it|i consent|ja|erlauben|zustimmen|akzeptieren|einverstanden)(?![\w])/i],
  ];
  const TOGGLES = "input[type=checkbox], input[type=radio], [role=switch], [role=checkbox], [role=radio]";
  const CONTROLS = `button, a[href], input[type=submit], [role=button], [onclick], ${TOGGLES}`;
  const GROUPS = "fieldset, [role=group], [role=radiogroup], dialog, [role=dialog], [role=alertdialog], form, section, main, body";

  const clean = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const labelOf = (one) => clean([...(one.labels ?? [])].map((label) => label.textContent).join(" "));
  const seenWords = (one) => clean(one.innerText || one.value && one.type === "submit" && one.value || labelOf(one));
  const nameOf = (one) => clean(one.getAttribute("aria-label") || seenWords(one));
  const rgb = (color) => (color.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const blend = (above, below) => {
    const alpha = above[3] ?? 1;
    return [0, 1, 2].map((at) => above[at] * alpha + below[at] * (1 - alpha));
  };
  const behind = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.push(rgb(getComputedStyle(at).backgroundColor));
    const sheet = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reverse().reduce((below, above) => blend(above, below), sheet);
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one) => {
    const under = behind(one);
    const [a, b] = [luminance(blend(rgb(getComputedStyle(one).color), under)), luminance(under)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const opacity = (one) => {
    let whole = 1;
    for (let at = one; at; at = at.parentElement) whole *= Number(getComputedStyle(at).opacity);
    return whole;
  };
  const look = (one) => {
    const style = getComputedStyle(one);
    const { fontSize, fontWeight, borderTopWidth, borderTopStyle, textDecorationLine } = style;
    const isPlate = borderTopStyle !== "none" || rgb(style.backgroundColor)[3] !== 0;
    return { fontSize, fontWeight, borderTopWidth, borderTopStyle, textDecorationLine, plate: isPlate };
  };

  const main = document.querySelector("main") ?? document.body;
  const tabbable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")];
  const steps = tabbable.filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility());
  // A positive tabindex comes before all others.
  steps.sort((a, b) => (a.tabIndex || Infinity) - (b.tabIndex || Infinity));

  const pressed = [...main.querySelectorAll("[aria-pressed]")].map((one) => [one, one.getAttribute("aria-pressed")]);
  // Which answer holds may be marked; for the comparison none is.
  pressed.forEach(([one]) => one.setAttribute("aria-pressed", "false"));
  document.getAnimations().forEach((animation) => animation.finish());
  const read = (one) => {
    const text = seenWords(one);
    const isToggle = one.matches(TOGGLES);
    const said = WORDS.find(([, pattern]) => pattern.test(text) || (!text && pattern.test(nameOf(one))))?.[0];
    // A switch that takes something away when it is on is a no.
    const lowers = said === "no" || /\b(nothing|nichts)(?![\w])/i.test(text);
    const kind = isToggle && one.type !== "radio" ? (lowers ? "no" : "toggle") : said;
    if (!kind) return null;
    const { x, y, width, height } = one.getBoundingClientRect();
    const step = steps.indexOf(one);
    const form = one.form ?? one.closest("form");
    const asked = form ? [...form.elements].filter((field) => field.required && !one.formNoValidate).length : 0;
    return {
      kind, text, asked, step,
      name: nameOf(one),
      tag: one.tagName.toLowerCase(),
      type: one.matches("a") ? "link" : one.type || one.getAttribute("role") || "none",
      isOn: one.checked === true || one.getAttribute("aria-checked") === "true",
      isSeen: one.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
      opacity: opacity(one),
      box: { x: x + scrollX, y: y + scrollY, width, height },
      isOnTop: one.closest("dialog[open], [role=alertdialog], [role=dialog]") !== null,
      look: look(one),
      contrast: contrast(one),
      group: one.closest(GROUPS),
      one,
    };
  };
  const controls = [...main.querySelectorAll(CONTROLS)].map(read).filter(Boolean);
  pressed.forEach(([one, value]) => one.setAttribute("aria-pressed", value));
  const groups = new Map();
  for (const control of controls) groups.set(control.group, [...(groups.get(control.group) ?? []), control]);
  const legend = (group) => clean(group.querySelector("legend, h1, h2, h3")?.textContent);
  const marked = controls.map(({ one }) => one);
  return [...groups].map(([group, members], at) => ({
    label: legend(group),
    text: clean(group.innerText),
    controls: members.map(({ group: _, one, ...rest }) => {
      one.dataset.choice = marked.indexOf(one);
      return { ...rest, selector: `[data-choice="${marked.indexOf(one)}"]`, at };
    }),
  }));
}

/** Groups where one can say yes: those that ask something. */
export const asking = (groups) => groups.filter(({ controls }) => controls.some(({ kind }) => kind === "yes" || kind === "toggle"));

/** The yes and the no of a group. */
export function pair({ controls }) {
  const of = (kind) => controls.find((control) => control.kind === kind);
  return { yes: of("yes"), no: of("no"), later: of("later") };
}
