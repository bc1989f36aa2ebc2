// The 20 rules by number, each with the function that holds a page or a flow against it.

import * as flow from "./flow.mjs";
import * as look from "./look.mjs";
import * as service from "./service.mjs";
import * as words from "./words.mjs";

export const RULES = {
  1: ["no grant is selected beforehand", look.nothingPreselected],
  2: ["yes and no are the same component, side by side", look.sameComponent],
  3: ["yes and no are equally prominent", look.equalProminence],
  4: ["no takes no more clicks than yes, taking back no more than giving", flow.shortWay],
  5: ["at most three answers for a purpose", look.threeAnswers],
  6: ["labels hold the effect and no double negative", words.labelsSayEffect],
  7: ["words are neutral and plain", words.neutralWords],
  8: ["one purpose for each control", look.onePurpose],
  9: ["the service is the same with a no", service.sameService],
  10: ["a changed notice is told, not accepted in passing", flow.changeIsTold],
  11: ["retention, human review and what cannot be undone are said at once", words.firstLayer],
  12: ["a no is at most two clicks from every page", flow.withdrawalIsNear],
  13: ["one language across layers", words.oneLanguage],
  14: ["a no is not hidden", look.refusalSeen],
  15: ["confirmations are symmetrical", flow.symmetricConfirmation],
  16: ["nobody is nagged", flow.noNagging],
  17: ["what was shown is recorded", service.evidenceIsThere],
  18: ["signals of the browser are shown and heard", flow.signalIsHeard],
  19: ["minors are asked nothing", service.nothingAsked],
  20: ["names and keyboard steps are equal", look.equalNames],
};

/** Rules that need nothing but a page that is open. */
export const ON_A_PAGE = [2, 3, 5, 8, 14, 20, 1];
