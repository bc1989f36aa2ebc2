//! Why a decision is what it is: every rule in the order in which [`crate::decide`] asks it, with what it said.
//!
//! The decision and its explanation come from one run of the same code, so that they cannot differ.

use crate::decide::{Hearing, permit};
use crate::{Decision, Facts, Purpose, Reason, Rule};

mod shown;

/// What a rule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It allows the use.
    Passed,
    /// It does not, and so it decided.
    Failed(Reason),
    /// It does not concern the turn.
    PassedOver,
    /// Another rule had decided already.
    NotReached,
}

impl Outcome {
    /// The word in explanations.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed(_) => "failed",
            Outcome::PassedOver => "passed over",
            Outcome::NotReached => "not reached",
        }
    }
}

/// A rule, what it came to, and what it went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it came to.
    pub outcome: Outcome,
    /// Where the rule comes from.
    pub source: String,
    /// What it looked at, by name; empty where it was not asked.
    pub evidence: Vec<(&'static str, String)>,
}

/// A decision with everything that bore on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The use that was asked about.
    pub purpose: Purpose,
    /// The decision.
    pub decision: Decision,
    /// All rules, in the order in which they are asked.
    pub findings: Vec<Finding>,
}

/// Decides as [`crate::decide`] does, and says why.
pub fn explain(facts: &Facts<'_>) -> Explanation {
    let mut heard = Heard::default();
    let decision = match permit(facts, &mut heard) {
        Ok(permit) => Decision::Allowed(permit),
        Err(reason) => Decision::Withheld(reason),
    };
    let asked = |rule: Rule| heard.0.iter().find(|(other, _)| *other == rule).map(|(_, failed)| *failed);
    let mut findings = Vec::with_capacity(Rule::ALL.len());
    let mut is_decided = false;
    for rule in Rule::ALL {
        let outcome = match asked(rule) {
            Some(Some(reason)) => Outcome::Failed(reason),
            Some(None) => Outcome::Passed,
            None if is_decided => Outcome::NotReached,
            None => Outcome::PassedOver,
        };
        is_decided |= matches!(outcome, Outcome::Failed(_));
        let was_asked = matches!(outcome, Outcome::Passed | Outcome::Failed(_));
        let evidence = if was_asked { shown::evidence(rule, facts) } else { Vec::new() };
        findings.push(Finding { rule, outcome, source: shown::source(rule, facts), evidence });
    }
    Explanation { purpose: facts.purpose, decision, findings }
}

/// The rules that were asked, each with the reason for which it said no.
#[derive(Default)]
struct Heard(Vec<(Rule, Option<Reason>)>);

impl Hearing for Heard {
    fn hears<T>(&mut self, rule: Rule, outcome: Result<T, Reason>) -> Result<T, Reason> {
        self.0.push((rule, outcome.as_ref().err().copied()));
        outcome
    }
}

impl Rule {
    /// All rules, in the order in which they are asked.
    pub const ALL: [Rule; 15] = [
        Rule::SaidAt,
        Rule::Notice,
        Rule::Purpose,
        Rule::Region,
        Rule::Age,
        Rule::Contract,
        Rule::Request,
        Rule::LaterNo,
        Rule::Choice,
        Rule::Silence,
        Rule::Guardian,
        Rule::OnRecord,
        Rule::SameTerms,
        Rule::Binding,
        Rule::Retention,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// What holds where the rule passes.
    pub fn words(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Rule::SaidAt => ("said-at", "it is known when it was said, and that is past"),
            Rule::Notice => ("notice", "a notice was in force when it was said"),
            Rule::Purpose => ("purpose", "the notice asks for this purpose"),
            Rule::Region => ("region", "something may be kept from where its author is"),
            Rule::Age => ("age", "its author is as old as the notice asks for"),
            Rule::Contract => ("contract", "the organisation's contract and the notice allow it"),
            Rule::Request => ("request", "the request did not ask to be left out"),
            Rule::LaterNo => ("later-no", "no later no takes it back"),
            Rule::Choice => ("choice", "the answer that was in force is no no"),
            Rule::Silence => ("silence", "there is no answer, and silence may be taken for a yes"),
            Rule::Guardian => ("guardian", "a guardian agreed for an author too young to agree alone"),
            Rule::OnRecord => ("on-record", "the yes was on record before, or somebody vouches for it"),
            Rule::SameTerms => ("same-terms", "the notice asks for no more than what was agreed to"),
            Rule::Binding => ("binding", "it was captured under this very yes and notice"),
            Rule::Retention => ("retention", "the promised time is not over"),
        }
    }
}
