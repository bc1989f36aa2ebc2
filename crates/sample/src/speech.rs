//! Words for an outline: a question, answers that fit it, and follow-ups that fit both.

use std::fmt::Write as _;

use crate::bank::{self, Language, Thread, Topic, Words};
use crate::chance::{Chance, Stream, mix, scale};
use crate::near_copy;
use crate::outline::{Cast, Outline, messages};
use crate::planted::{ECHOES, Plant, said};

const SENTENCES_MAX: usize = 9;
const HUMAN_SENTENCES_MAX: usize = 8;
/// In percent of the plan's typical turn: what a person and the model aim for.
const HUMAN_PERCENT: usize = 98;
const MODEL_PERCENT: usize = 134;

/// The texts of one conversation.
pub(crate) struct Script {
    pub(crate) system: Option<&'static str>,
    /// Human and model in turn, a human first.
    pub(crate) turns: Vec<String>,
}

/// Writes the texts of a conversation, or those of its original with the people's turns edited.
pub(crate) fn script(cast: &Cast<'_>, outline: &Outline) -> Script {
    let Some((origin, kind)) = outline.origin else {
        return Writer::new(cast, outline).write();
    };
    let original = cast.outline(origin);
    let mut script = Writer::new(cast, &original).write();
    let language = language(cast, &original);
    let mut chance = Chance::new(cast.plan.seed, Stream::Edit, u64::from(outline.index));
    for turn in script.turns.iter_mut().step_by(2) {
        near_copy::edit(turn, kind, language, &mut chance);
    }
    script
}

/// Half of what people in German, French and Spanish speaking regions write is in their language.
fn language(cast: &Cast<'_>, outline: &Outline) -> &'static Language {
    let native = mix(cast.plan.seed ^ u64::from(outline.index)) & 1 == 0;
    match cast.people[outline.author].region {
        "DE" if native => &bank::GERMAN,
        "FR" if native => &bank::FRENCH,
        "ES" | "MX" if native => &bank::SPANISH,
        _ => &bank::ENGLISH,
    }
}

struct Writer<'a> {
    outline: &'a Outline,
    language: &'static Language,
    topic: &'static Topic,
    thread: &'static Thread,
    chance: Chance,
    slots: Slots,
    /// Sentences about the thread and then about its topic, in the order they will be said.
    details: Order,
    follow_ups: Order,
    contexts: Order,
    human_bytes: usize,
    model_bytes: usize,
    /// Some people never touch the shift key.
    lower_case: bool,
}

impl<'a> Writer<'a> {
    fn new(cast: &Cast<'_>, outline: &'a Outline) -> Self {
        let mut chance = Chance::new(cast.plan.seed, Stream::Text, u64::from(outline.index));
        let language = language(cast, outline);
        let topic = chance.pick(language.topics);
        let thread = &topic.threads[chance.below(topic.threads.len())];
        let slots = Slots { topic: topic.words, common: language.words, key: chance.next() };
        Self {
            outline,
            language,
            topic,
            thread,
            details: Order::new(thread.details.len() + topic.details.len(), &mut chance),
            follow_ups: Order::new(thread.follow_ups.len(), &mut chance),
            contexts: Order::new(thread.contexts.len() + language.contexts.len(), &mut chance),
            human_bytes: cast.plan.turn_bytes * HUMAN_PERCENT / 100,
            model_bytes: cast.plan.turn_bytes * MODEL_PERCENT / 100,
            lower_case: mix(cast.plan.seed.wrapping_add(outline.author as u64)).is_multiple_of(9),
            chance,
            slots,
        }
    }

    fn write(mut self) -> Script {
        let (count, with_system) = messages(self.outline.index);
        let system = with_system.then(|| self.chance.pick(self.language.systems));
        let count = count - usize::from(with_system);
        let mut turns = Vec::with_capacity(count);
        for pair in 0..count / 2 {
            let (question, answer) = if pair == 0 { self.opening() } else { self.following(pair) };
            turns.push(question);
            turns.push(answer);
        }
        for plant in &self.outline.plants {
            plant_into(&mut turns, plant, &mut self.chance);
        }
        Script { system, turns }
    }

    fn opening(&mut self) -> (String, String) {
        let mut question = String::with_capacity(self.human_bytes * 2);
        if self.chance.percent(30) {
            question.push_str(self.chance.pick(self.language.greetings));
        }
        let number = self.chance.below(self.thread.asks.len());
        let ask = self.thread.asks[number];
        let lead = self.thread.answers[number.min(self.thread.answers.len() - 1)];
        self.sentence(ask, &mut question);
        self.add_context(&mut question);
        if self.chance.percent(15) {
            self.sentence(self.chance_thanks(), &mut question);
        }
        (self.in_style(question), self.answer(lead))
    }

    fn following(&mut self, pair: usize) -> (String, String) {
        let mut question = String::with_capacity(self.human_bytes * 2);
        if self.outline.guest.is_some() && pair == 1 {
            let joins = self.chance.pick(self.language.joins);
            self.sentence(joins, &mut question);
        }
        let (ask, lead) = match self.follow_ups.next() {
            Some(next) => self.thread.follow_ups[next],
            None => self.chance.pick(self.language.follow_ups),
        };
        self.sentence(ask, &mut question);
        self.add_context(&mut question);
        (self.in_style(question), self.answer(lead))
    }

    fn chance_thanks(&self) -> &'static str {
        self.language.thanks[scale(mix(self.slots.key), self.language.thanks.len())]
    }

    /// Goes on until the turn is about as long as people write.
    fn add_context(&mut self, question: &mut String) {
        let aim = self.human_bytes * (40 + self.chance.below(120)) / 100;
        for _ in 1..HUMAN_SENTENCES_MAX {
            if question.len() >= aim {
                return;
            }
            let Some(next) = self.contexts.next() else { return };
            let of_thread = self.thread.contexts.len();
            let context = match next < of_thread {
                true => self.thread.contexts[next],
                false => self.language.contexts[next - of_thread],
            };
            self.sentence(context, question);
        }
    }

    fn answer(&mut self, lead: &'static str) -> String {
        let aim = self.model_bytes * (50 + self.chance.below(100)) / 100;
        let mut answer = String::with_capacity(aim + 200);
        self.sentence(lead, &mut answer);
        for _ in 1..SENTENCES_MAX {
            if answer.len() >= aim {
                break;
            }
            let Some(next) = self.details.next() else { break };
            let of_thread = self.thread.details.len();
            let detail = match next < of_thread {
                true => self.thread.details[next],
                false => self.topic.details[next - of_thread],
            };
            self.sentence(detail, &mut answer);
        }
        answer
    }

    fn sentence(&self, template: &'static str, text: &mut String) {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        self.slots.fill(template, text);
    }

    fn in_style(&self, text: String) -> String {
        if self.lower_case { text.to_lowercase() } else { text }
    }
}

/// Says a planted value at the end of its turn, and has the model repeat it where that was drawn.
fn plant_into(turns: &mut [String], plant: &Plant, chance: &mut Chance) {
    let mut say = |turn: usize, way: &str| {
        if let (Some(text), Some((before, after))) = (turns.get_mut(turn), way.split_once("{}")) {
            // Writing to a string cannot fail.
            let _ = write!(text, " {before}{}{after}", plant.value);
        }
    };
    say(plant.turn, said(plant.kind, chance));
    if plant.echoed {
        say(plant.turn + 1, chance.pick(&ECHOES));
    }
}

/// An order of `0..length` drawn at random, handed out one by one.
struct Order {
    items: [u8; Order::LENGTH_MAX],
    length: usize,
    at: usize,
}

impl Order {
    const LENGTH_MAX: usize = 96;

    fn new(length: usize, chance: &mut Chance) -> Self {
        let length = length.min(Self::LENGTH_MAX);
        let mut items = [0; Self::LENGTH_MAX];
        items[..length].iter_mut().enumerate().for_each(|(at, item)| *item = at as u8);
        // Few of the items are used, so the shuffle happens draw by draw.
        let mut order = Self { items, length, at: 0 };
        let used = length.min(24);
        for at in 0..used {
            order.items.swap(at, at + chance.below(length - at));
        }
        order
    }

    fn next(&mut self) -> Option<usize> {
        let item = self.items[..self.length].get(self.at)?;
        self.at += 1;
        Some(usize::from(*item))
    }
}

/// Fills `{…}` in a sentence. A slot keeps its filling through a conversation, because that depends on nothing
/// but the conversation's key and what stands between the braces:
/// `{dish}` a word of that list, `{dish2}` the next but one so that the two differ, `{n:3-9}` a number,
/// `{soon|later}` one of these.
struct Slots {
    topic: &'static [Words],
    common: &'static [Words],
    key: u64,
}

impl Slots {
    fn fill(&self, template: &str, text: &mut String) {
        let mut rest = template;
        let mut first_slot = template.starts_with('{').then_some(text.len());
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((slot, after)) = after.split_once('}') else { break };
            self.fill_slot(slot, text);
            if let Some(start) = first_slot.take() {
                capitalise(text, start);
            }
            rest = after;
        }
        text.push_str(rest);
    }

    fn fill_slot(&self, slot: &str, text: &mut String) {
        let (name, number) = match slot.as_bytes() {
            [.., digit @ b'2'..=b'4'] if !slot.contains(':') => {
                (&slot[..slot.len() - 1], usize::from(digit - b'1'))
            }
            _ => (slot, 0),
        };
        let random = mix(self.key ^ hash(name));
        if let Some((_, range)) = name.split_once(':') {
            let (low, high) = range.split_once('-').unwrap_or((range, range));
            let (low, high): (usize, usize) = (low.parse().unwrap_or(1), high.parse().unwrap_or(9));
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", low + scale(random, (high + 1).saturating_sub(low)));
        } else if name.contains('|') {
            let ways = name.split('|').count();
            text.push_str(name.split('|').nth(scale(random, ways)).unwrap_or_default());
        } else if let Some(words) = self.words(name) {
            text.push_str(words[(scale(random, words.len()) + number) % words.len()]);
        } else {
            // Left as it stands; a test looks for braces in everything that is generated.
            let _ = write!(text, "{{{slot}}}");
        }
    }

    fn words(&self, name: &str) -> Option<&'static [&'static str]> {
        let lists = self.topic.iter().chain(self.common);
        lists.into_iter().find(|words| words.0 == name).map(|words| words.1)
    }
}

/// FNV-1a, 64 bits: short keys, no need for secrecy.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn capitalise(text: &mut String, start: usize) {
    let Some(first) = text[start..].chars().next().filter(|first| first.is_lowercase()) else { return };
    let upper: String = first.to_uppercase().collect();
    text.replace_range(start..start + first.len_utf8(), &upper);
}
