//! The rules of the design (N1, N2, N4, N7, threads with several authors) over plain data, written apart from the
//! code under test: it borrows the words of the vocabulary (purpose, state, reason) and nothing that decides.
//!
//! Time is in hours. A person, a thread, a turn, a notice and an event are known by their place in a list.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use candor_consent::{Basis, Purpose, Reason, State};
use candor_conversation::{Role, Tier};

pub(super) const PURPOSES: [Purpose; 2] = [Purpose::History, Purpose::Train];
pub(super) const REGIONS: [Option<&str>; 4] = [None, Some("DE"), Some("US"), Some("US-CA")];

/// What a notice says about someone who made no choice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Silence {
    No,
    Yes,
    YesInTheStates,
    YesButForApi,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) days: i64,
    pub(super) silence: Silence,
    pub(super) business: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) from: i64,
    pub(super) minimum_age: u8,
    pub(super) keeps_after_withdrawal: bool,
    pub(super) controller: u8,
    pub(super) terms: BTreeMap<Purpose, Terms>,
}

#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) state: State,
    pub(super) notice: usize,
    pub(super) from: i64,
    pub(super) recorded: i64,
    pub(super) attested: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) tenant: usize,
    pub(super) tier: Tier,
    pub(super) region: Option<&'static str>,
    pub(super) age: Option<u8>,
    pub(super) enrolled: bool,
    pub(super) erased: bool,
    pub(super) purged: bool,
    pub(super) events: BTreeMap<Purpose, Vec<Event>>,
}

#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) parent: Option<usize>,
    pub(super) role: Role,
    pub(super) author: Option<usize>,
    pub(super) at: Option<i64>,
    pub(super) opted_out: bool,
    pub(super) young: bool,
    pub(super) text: String,
}

#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) tenant: usize,
    pub(super) turns: Vec<Said>,
}

type Binding = (Purpose, Option<usize>, usize);
/// The uses that permit a turn with the people behind it, or why there is none.
type Outcome = Result<(Vec<Yes>, BTreeSet<usize>), Reason>;

#[derive(Clone, Debug)]
struct Yes {
    binding: Binding,
    basis: Basis,
    keep_until: i64,
}

/// What the vault holds of a turn.
#[derive(Clone, Debug)]
struct Kept {
    bindings: Vec<Binding>,
    piece: usize,
}

/// Turns that are sealed, dropped and rewritten together.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    thread: usize,
    authors: BTreeSet<usize>,
    expires_day: i64,
    /// Whether some notice keeps the turns after a withdrawal.
    kept_after_withdrawal: bool,
    capture: usize,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Captured {
    pub(super) examined: u64,
    pub(super) imported: u64,
    pub(super) duplicate: u64,
    pub(super) withheld: BTreeMap<Reason, u64>,
}

/// A path of a release: role and text of its turns, and everyone who wrote one.
pub(super) type Row = (Vec<(&'static str, String)>, BTreeSet<usize>);

#[derive(Debug, Default, PartialEq)]
pub(super) struct Released {
    pub(super) examined: u64,
    pub(super) used: u64,
    pub(super) withheld: BTreeMap<Reason, u64>,
    pub(super) basis: BTreeMap<Basis, u64>,
    pub(super) notices: BTreeMap<usize, u64>,
    pub(super) rows: Vec<Row>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) notices: Vec<Notice>,
    pub(super) people: Vec<Person>,
    pub(super) contracts: [Vec<Purpose>; 2],
    pub(super) threads: Vec<Thread>,
    kept: BTreeMap<(usize, usize), Kept>,
    seen: HashSet<(usize, usize)>,
    pieces: Vec<Piece>,
    captures: usize,
    /// Events that the last retention run knew, by person and purpose.
    seen_events: BTreeMap<(usize, Purpose), usize>,
    /// People whose contract changed since the last retention run.
    contract_changed: BTreeSet<usize>,
}

/// A question about one person's words.
#[derive(Clone, Copy)]
struct Question<'a> {
    person: usize,
    purpose: Purpose,
    at: Option<i64>,
    now: i64,
    opted_out: bool,
    young: bool,
    /// What a stored turn was bound to; `None` at capture.
    bound: Option<&'a [Binding]>,
}

fn is_yes(state: State) -> bool {
    matches!(state, State::Given | State::Renewed)
}

fn is_no(state: State) -> bool {
    !is_yes(state) && !matches!(state, State::Requested | State::Deferred)
}

fn word(state: State) -> Reason {
    match state {
        State::Refused => Reason::Refused,
        State::Withdrawn => Reason::Withdrawn,
        State::Revoked => Reason::Revoked,
        State::Expired => Reason::Expired,
        State::Invalidated => Reason::Invalidated,
        State::Deferred => Reason::Deferred,
        State::Requested | State::Given | State::Renewed => Reason::NeverAsked,
    }
}

fn silence_is_yes(silence: Silence, tier: Tier, region: Option<&str>) -> bool {
    match silence {
        Silence::No => false,
        Silence::Yes => true,
        Silence::YesInTheStates => region.is_some_and(|region| region.starts_with("US")),
        Silence::YesButForApi => tier != Tier::Api,
    }
}

/// Whether `new` asks for more than `old` did.
fn broader(old: &Notice, new: &Notice, purpose: Purpose) -> bool {
    let for_all = new.minimum_age < old.minimum_age
        || (new.keeps_after_withdrawal && !old.keeps_after_withdrawal)
        || new.controller != old.controller;
    let for_purpose = match (old.terms.get(&purpose), new.terms.get(&purpose)) {
        (None, Some(_)) => true,
        (Some(old), Some(new)) => {
            let newly_on = |tier: Tier, region| {
                silence_is_yes(new.silence, tier, region) && !silence_is_yes(old.silence, tier, region)
            };
            new.days > old.days
                || (new.business && !old.business)
                || Tier::ALL.iter().any(|tier| REGIONS.iter().any(|region| newly_on(*tier, *region)))
        }
        _ => false,
    };
    for_all || for_purpose
}

impl World {
    /// Whether the recorded history allows this event next.
    pub(super) fn legal(&self, person: usize, purpose: Purpose, next: &Event) -> bool {
        let Event { state, from, recorded, .. } = *next;
        let events = self.people[person].events.get(&purpose).map_or(&[][..], Vec::as_slice);
        let last = events.last();
        // Being asked is no answer: it may follow any, and what may come next is as if it had not been.
        let answer = events.iter().rfind(|event| event.state != State::Requested);
        let is_pause = |event: &&Event| {
            matches!(event.state, State::Requested | State::Deferred | State::Refused | State::Withdrawn)
        };
        let rested = events.iter().filter(is_pause).all(|event| from >= event.from + 30 * 24);
        let follows = match answer.map(|answer| answer.state) {
            _ if state == State::Requested => rested || next.attested,
            Some(State::Given | State::Renewed) => {
                is_no(state) && state != State::Refused || state == State::Renewed
            }
            before => {
                let starts = [State::Deferred, State::Refused, State::Given];
                starts.contains(&state) && before != Some(state)
            }
        };
        follows && from <= recorded && last.is_none_or(|last| from >= last.from)
    }

    pub(super) fn in_force(&self, at: i64) -> Option<usize> {
        self.notices.iter().rposition(|notice| notice.from <= at)
    }

    /// N1 and N2 for one person's words.
    fn ask(&self, question: Question<'_>) -> Result<Yes, Reason> {
        let Question { purpose, now, .. } = question;
        let person = &self.people[question.person];
        let at = question.at.ok_or(Reason::UnknownTime)?;
        if at > now {
            return Err(Reason::TimeInFuture);
        }
        let in_force = self.in_force(at).ok_or(Reason::NoNotice)?;
        let notice = &self.notices[in_force];
        let terms = notice.terms.get(&purpose).ok_or(Reason::NotInNotice)?;
        if question.young || person.age.is_some_and(|age| age < notice.minimum_age) {
            return Err(Reason::UnderAge);
        }
        let contract = self.contracts[person.tenant].contains(&purpose);
        if matches!(person.tier, Tier::Business | Tier::Education) && !(contract && terms.business) {
            return Err(Reason::NoContract);
        }
        if question.opted_out {
            return Err(Reason::OptedOut);
        }
        let (event, basis, days) = self.choice(question, at, in_force)?;
        let binding = (purpose, event, in_force);
        if question.bound.is_some_and(|bound| !bound.contains(&binding)) {
            return Err(Reason::NotBound);
        }
        let keep_until = at + 24 * days.min(terms.days);
        if keep_until <= now {
            return Err(Reason::RetentionEnded);
        }
        Ok(Yes { binding, basis, keep_until })
    }

    /// The answer that stands behind what was said at a time: being asked is no answer, a later no reaches back,
    /// a later yes does not, and whatever is no yes counts from when it is known, whatever `now` is.
    fn choice(
        &self,
        question: Question<'_>,
        at: i64,
        in_force: usize,
    ) -> Result<(Option<usize>, Basis, i64), Reason> {
        let Question { purpose, now, .. } = question;
        let person = &self.people[question.person];
        let events = person.events.get(&purpose).map_or(&[][..], Vec::as_slice);
        let counts = |event: &Event| !is_yes(event.state) || event.recorded <= now;
        let answers: Vec<(usize, &Event)> =
            events.iter().enumerate().filter(|(_, e)| e.state != State::Requested && counts(e)).collect();
        let later = || answers.iter().map(|(_, event)| *event).filter(|event| event.from > at);
        if let Some(no) = later().find(|event| is_no(event.state)) {
            return Err(word(no.state));
        }
        let alone_from = match person.region {
            Some("DE") => 16,
            Some("US" | "US-CA") => 13,
            _ => 18,
        };
        let too_young_alone = person.age.is_some_and(|age| age < alone_from);
        let notice = &self.notices[in_force];
        let Some((index, event)) = answers.iter().rfind(|(_, event)| event.from <= at) else {
            if later().any(|event| is_yes(event.state)) {
                return Err(Reason::BeforeConsent);
            }
            if later().any(|event| event.state == State::Deferred) {
                return Err(Reason::Deferred);
            }
            let terms = notice.terms[&purpose];
            if !silence_is_yes(terms.silence, person.tier, person.region) {
                return Err(Reason::NeverAsked);
            }
            if matches!(person.region, None | Some("DE")) {
                return Err(Reason::LawAsksForConsent);
            }
            if too_young_alone {
                return Err(Reason::GuardianNeeded);
            }
            return Ok((None, Basis::NoticeDefault, terms.days));
        };
        if !is_yes(event.state) {
            return Err(word(event.state));
        }
        // No guardian is in these stories.
        if too_young_alone {
            return Err(Reason::GuardianNeeded);
        }
        let basis = match (event.recorded <= at, event.attested) {
            (true, _) => Basis::Consent,
            (false, true) => Basis::AttestedConsent,
            (false, false) => return Err(Reason::RecordedLate),
        };
        let agreed = &self.notices[event.notice];
        let terms = agreed.terms.get(&purpose).ok_or(Reason::NotInNotice)?;
        if broader(agreed, notice, purpose) {
            return Err(Reason::NoticeBroader);
        }
        Ok((Some(*index), basis, terms.days))
    }

    fn is_human(turn: &Said) -> bool {
        turn.author.is_some() || turn.role == Role::User
    }

    /// The turns above a turn, nearest first.
    fn above<'a>(turns: &'a [Said], turn: usize) -> impl Iterator<Item = usize> + 'a {
        std::iter::successors(turns[turn].parent, |above| turns[*above].parent)
    }

    /// Who wrote a turn, as far as the thread's tenant knows (N10).
    fn author(&self, thread: usize, turn: &Said) -> Result<usize, Reason> {
        let known = |person: &usize| {
            let home = self.threads[thread].tenant;
            self.people.get(*person).is_some_and(|person| person.enrolled && person.tenant == home)
        };
        let author = turn.author.filter(known).ok_or(Reason::UnknownSubject)?;
        if self.people[author].erased { Err(Reason::Erased) } else { Ok(author) }
    }

    fn ask_about(
        &self,
        (author, turn): (usize, &Said),
        purpose: Purpose,
        now: i64,
        bound: Option<&[Binding]>,
    ) -> Result<Yes, Reason> {
        let opted_out = turn.opted_out && bound.is_none();
        self.ask(Question { person: author, purpose, at: turn.at, now, opted_out, young: turn.young, bound })
    }

    /// A contract; when it is another one, the next retention run asks again about the tenant's people.
    pub(super) fn set_contract(&mut self, tenant: usize, purposes: &[Purpose]) {
        if self.contracts[tenant] != purposes {
            self.contracts[tenant] = purposes.to_vec();
            let concerned = |who: &usize| self.people[*who].tenant == tenant && self.people[*who].enrolled;
            self.contract_changed.extend((0..self.people.len()).filter(concerned));
        }
    }

    /// Captures a thread, or captures it again.
    pub(super) fn capture(&mut self, thread: usize, now: i64) -> Captured {
        self.captures += 1;
        let mut counts = Captured::default();
        for (turn, outcome) in self.outcomes(thread, now).into_iter().enumerate() {
            counts.examined += 1;
            match outcome {
                Err(Reason::Erased) => *counts.withheld.entry(Reason::Erased).or_default() += 1,
                _ if self.seen.contains(&(thread, turn)) => counts.duplicate += 1,
                Err(reason) => *counts.withheld.entry(reason).or_default() += 1,
                Ok((yeses, authors)) => {
                    counts.imported += 1;
                    self.seen.insert((thread, turn));
                    let last = yeses.iter().map(|yes| yes.keep_until).max().unwrap_or(0);
                    let keeps = |yes: &Yes| self.notices[yes.binding.2].keeps_after_withdrawal;
                    let kept_after_withdrawal = yeses.iter().any(keeps);
                    let expires_day = last.div_euclid(24);
                    let capture = self.captures;
                    let piece = Piece { thread, authors, expires_day, kept_after_withdrawal, capture };
                    let at = self.piece(piece);
                    let bindings = yeses.iter().map(|yes| yes.binding).collect();
                    self.kept.insert((thread, turn), Kept { bindings, piece: at });
                }
            }
        }
        counts
    }

    fn piece(&mut self, piece: Piece) -> usize {
        self.pieces.iter().position(|other| *other == piece).unwrap_or_else(|| {
            self.pieces.push(piece);
            self.pieces.len() - 1
        })
    }

    /// What is decided at capture about each turn of a thread.
    fn outcomes(&self, thread: usize, now: i64) -> Vec<Outcome> {
        let turns = &self.threads[thread].turns;
        let own = |turn: usize, purpose| {
            let author = self.author(thread, &turns[turn])?;
            self.ask_about((author, &turns[turn]), purpose, now, None)
        };
        let humans_above = |turn| Self::above(turns, turn).filter(|above| Self::is_human(&turns[*above]));
        let human = |turn: usize| {
            let author = self.author(thread, &turns[turn])?;
            let yeses: Vec<Yes> = PURPOSES.iter().filter_map(|purpose| own(turn, *purpose).ok()).collect();
            if !yeses.is_empty() {
                return Ok((yeses, BTreeSet::from([author])));
            }
            let no = |purpose| own(turn, purpose).err().filter(|reason| *reason != Reason::NotInNotice);
            Err(no(Purpose::Train).or(no(Purpose::History)).unwrap_or(Reason::NotInNotice))
        };
        // The most restrictive decision of every human turn before it.
        let reply = |turn: usize| {
            let together = |purpose| {
                let yeses: Vec<Yes> =
                    humans_above(turn).map(|above| own(above, purpose).ok()).collect::<Option<_>>()?;
                let keep_until = yeses.iter().map(|yes| yes.keep_until).min()?;
                Some(Yes { keep_until, ..yeses.first()?.clone() })
            };
            let yeses: Vec<Yes> = PURPOSES.into_iter().filter_map(together).collect();
            let authors = humans_above(turn).filter_map(|above| turns[above].author).collect();
            if yeses.is_empty() { Err(Reason::AfterWithheld) } else { Ok((yeses, authors)) }
        };
        let kind = |turn| if Self::is_human(&turns[turn]) { human(turn) } else { reply(turn) };
        let mut outcomes: Vec<_> = (0..turns.len()).map(kind).collect();
        // What comes before any person goes with the first kept turn under it.
        for opening in (0..turns.len()).rev() {
            if !Self::is_human(&turns[opening]) && humans_above(opening).next().is_none() {
                let mut under =
                    (opening + 1..turns.len()).filter(|turn| turns[*turn].parent == Some(opening));
                let first = under.find_map(|turn| outcomes[turn].as_ref().ok().cloned());
                outcomes[opening] = first.ok_or(Reason::AfterWithheld);
            }
        }
        outcomes
    }

    /// What a release for training holds that is decided as of a time.
    pub(super) fn release(&self, as_of: i64, now: i64) -> Released {
        let mut released = Released { examined: self.kept.len() as u64, ..Released::default() };
        for (thread, Thread { turns, .. }) in self.threads.iter().enumerate() {
            let mut allowed: Vec<Option<Option<Yes>>> = vec![None; turns.len()];
            for (turn, said) in turns.iter().enumerate() {
                let Some(kept) = self.kept.get(&(thread, turn)) else { continue };
                match self.use_of((thread, kept), said, &allowed, (as_of, now)) {
                    Ok(yes) => allowed[turn] = Some(yes),
                    Err(reason) => *released.withheld.entry(reason).or_default() += 1,
                }
            }
            let mut used = BTreeSet::new();
            for end in 0..turns.len() {
                let goes_on =
                    (0..turns.len()).any(|turn| turns[turn].parent == Some(end) && allowed[turn].is_some());
                let mut path: Vec<usize> = std::iter::once(end).chain(Self::above(turns, end)).collect();
                let people: BTreeSet<usize> = path.iter().filter_map(|turn| turns[*turn].author).collect();
                if allowed[end].is_none() || goes_on || people.is_empty() {
                    continue;
                }
                path.reverse();
                used.extend(path.iter().copied());
                let row = path.iter().map(|turn| (turns[*turn].role.as_str(), turns[*turn].text.clone()));
                released.rows.push((row.collect(), people));
            }
            for (turn, allowed) in allowed.into_iter().enumerate() {
                let Some(yes) = allowed else { continue };
                if !used.contains(&turn) {
                    *released.withheld.entry(Reason::AfterWithheld).or_default() += 1;
                    continue;
                }
                released.used += 1;
                if let Some(Yes { basis, binding: (_, _, notice), .. }) = yes {
                    *released.basis.entry(basis).or_default() += 1;
                    *released.notices.entry(notice).or_default() += 1;
                }
            }
        }
        released
    }

    /// Whether a stored turn may be used; `Ok(None)` for a turn that no person wrote.
    fn use_of(
        &self,
        (thread, kept): (usize, &Kept),
        said: &Said,
        allowed: &[Option<Option<Yes>>],
        (as_of, now): (i64, i64),
    ) -> Result<Option<Yes>, Reason> {
        if self.pieces[kept.piece].authors.iter().any(|author| self.people[*author].erased) {
            return Err(Reason::Erased);
        }
        if said.parent.is_some_and(|parent| allowed[parent].is_none()) {
            return Err(Reason::AfterWithheld);
        }
        if Self::is_human(said) {
            let author = self.author(thread, said)?;
            let yes = self.ask_about((author, said), Purpose::Train, as_of, Some(&kept.bindings))?;
            return if yes.keep_until <= now { Err(Reason::RetentionEnded) } else { Ok(Some(yes)) };
        }
        let bound = kept.bindings.iter().any(|(purpose, _, _)| *purpose == Purpose::Train);
        if bound { Ok(None) } else { Err(Reason::NotBound) }
    }

    /// Drops what its time is over for, then purges what was erased or taken back since the last run; gives how
    /// many turns were dropped and purged.
    pub(super) fn run_retention(&mut self, now: i64) -> (u64, u64) {
        let all = self.kept.len();
        let pieces = &self.pieces;
        self.kept.retain(|_, kept| pieces[kept.piece].expires_day > now.div_euclid(24));
        let dropped = all - self.kept.len();
        let said_no = |who: &usize| {
            let unseen = |(purpose, events): (&Purpose, &Vec<Event>)| {
                let seen = self.seen_events.get(&(*who, *purpose)).copied().unwrap_or(0);
                events[seen..].iter().any(|event| is_no(event.state))
            };
            !self.people[*who].erased && self.people[*who].events.iter().any(unseen)
        };
        let changed: Vec<usize> = (0..self.people.len())
            .filter(|who| said_no(who) || self.contract_changed.contains(who))
            .collect();
        let mut after = BTreeMap::new();
        for piece in 0..self.pieces.len() {
            let Piece { authors, expires_day, .. } = self.pieces[piece].clone();
            let turns: Vec<((usize, usize), Kept)> = self
                .kept
                .iter()
                .filter(|(_, kept)| kept.piece == piece)
                .map(|(at, kept)| (*at, kept.clone()))
                .collect();
            if authors.iter().any(|author| self.people[*author].erased && !self.people[*author].purged) {
                continue;
            }
            if !authors.iter().any(|author| changed.contains(author)) {
                after.extend(turns);
                continue;
            }
            let stands: Vec<Result<(Vec<Binding>, i64), bool>> = turns
                .iter()
                .map(|(at, kept)| self.standing(*at, kept, &turns, now))
                .map(|stands| stands.map(|(bindings, day)| (bindings, day.min(expires_day))))
                .collect();
            let as_it_is = |stands: &Result<_, _>| matches!(stands, Ok((_, day)) if *day == expires_day);
            if stands.iter().all(as_it_is) || stands.contains(&Err(true)) {
                after.extend(turns);
                continue;
            }
            // What stays is written anew, apart by the day on which it goes.
            self.captures += 1;
            for ((at, _), stands) in turns.into_iter().zip(stands) {
                let Ok((bindings, day)) = stands else { continue };
                if day > now.div_euclid(24) {
                    let resealed =
                        Piece { expires_day: day, capture: self.captures, ..self.pieces[piece].clone() };
                    after.insert(at, Kept { bindings, piece: self.piece(resealed) });
                }
            }
        }
        let purged = self.kept.len() - after.len();
        self.kept = after;
        for (who, person) in self.people.iter().enumerate() {
            let counts = person.events.iter().map(|(purpose, events)| ((who, *purpose), events.len()));
            self.seen_events.extend(counts);
        }
        self.contract_changed.clear();
        self.people.iter_mut().filter(|person| person.erased).for_each(|person| person.purged = true);
        (dropped as u64, purged as u64)
    }

    /// The bindings that still hold with the day on which the last of them ends; else whether the notice keeps the turn all the same after a withdrawal.
    fn standing(
        &self,
        (thread, turn): (usize, usize),
        kept: &Kept,
        piece: &[((usize, usize), Kept)],
        now: i64,
    ) -> Result<(Vec<Binding>, i64), bool> {
        let turns = &self.threads[thread].turns;
        let said = &turns[turn];
        let latest = piece.iter().filter_map(|((_, other), _)| turns[*other].at).max();
        let about = Said { at: said.at.or(latest), ..said.clone() };
        let ask = |binding: &Binding| match said.author {
            Some(author) => self.ask_about((author, &about), binding.0, now, Some(&kept.bindings)),
            None => {
                let behind = self.pieces[kept.piece].authors.iter();
                let yeses = behind.map(|author| self.ask_about((*author, &about), binding.0, now, None));
                let yeses: Vec<Yes> = yeses.collect::<Result<_, _>>()?;
                yeses.into_iter().min_by_key(|yes| yes.keep_until).ok_or(Reason::AfterWithheld)
            }
        };
        let ask = |binding: &Binding| ask(binding).map(|yes| yes.keep_until);
        let verdicts: Vec<(Binding, Result<i64, Reason>)> =
            kept.bindings.iter().map(|binding| (*binding, ask(binding))).collect();
        let stand: Vec<Binding> =
            verdicts.iter().filter(|(_, verdict)| verdict.is_ok()).map(|(binding, _)| *binding).collect();
        let last = verdicts.iter().filter_map(|(_, verdict)| (*verdict).ok()).max().unwrap_or(0);
        let keeps = |(binding, verdict): &(Binding, Result<i64, Reason>)| {
            *verdict == Err(Reason::Withdrawn) && self.notices[binding.2].keeps_after_withdrawal
        };
        if stand.is_empty() { Err(verdicts.iter().any(keeps)) } else { Ok((stand, last.div_euclid(24))) }
    }
}
