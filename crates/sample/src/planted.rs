//! Identifiers put into conversations on purpose, so that tests can look for them where none may be.
//!
//! None belongs to anybody: example domains (RFC 2606), documentation addresses (RFC 5737, 3849, 7042), numbers
//! set aside for fiction by Ofcom, ARCEP, Bundesnetzagentur and the NANP, the card networks' test numbers, the
//! IBAN registry's examples, test vectors of BIP 173 and EIP-55, and random digits for the rest. Social security
//! numbers use areas that were unassigned while areas had a meaning.

use crate::chance::{Chance, Stream};
use crate::outline::{Cast, Outline, conversation_id};
use crate::{Plan, Story};

/// What was planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlantedKind {
    /// E-mail address.
    Email,
    /// Telephone number in international form.
    Phone,
    /// URL with a user name and password in it.
    UrlCredentials,
    /// IPv4 or IPv6 address.
    Ip,
    /// MAC address.
    Mac,
    /// Payment card number.
    Card,
    /// International bank account number.
    Iban,
    /// United States social security number.
    Ssn,
    /// Bitcoin or Ethereum address.
    Crypto,
    /// API key or access token.
    ApiKey,
    /// One line of a PEM private key.
    PrivateKey,
    /// A random word said only by a person whose turns never permit training; it identifies nobody.
    Canary,
}

impl PlantedKind {
    /// The kinds a detector must find: all but the canary.
    pub const IDENTIFIERS: [PlantedKind; 11] = [
        PlantedKind::Email,
        PlantedKind::Phone,
        PlantedKind::UrlCredentials,
        PlantedKind::Ip,
        PlantedKind::Mac,
        PlantedKind::Card,
        PlantedKind::Iban,
        PlantedKind::Ssn,
        PlantedKind::Crypto,
        PlantedKind::ApiKey,
        PlantedKind::PrivateKey,
    ];
}

/// One planted value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// Id of the conversation, as written.
    pub conversation: String,
    /// Index into [`crate::people`] of the person who says it. The model may repeat it in its next turn.
    pub person: usize,
    /// What it is.
    pub kind: PlantedKind,
    /// The exact text.
    pub value: String,
}

/// Everything planted in the plan's conversations, in their order.
pub fn planted(plan: &Plan) -> Vec<Planted> {
    let outlines = Cast::new(plan).outlines().collect::<Vec<_>>();
    let list = |outline: Outline| {
        let conversation = conversation_id(outline.index);
        outline.plants.into_iter().map(move |plant| Planted {
            conversation: conversation.clone(),
            person: plant.speaker,
            kind: plant.kind,
            value: plant.value,
        })
    };
    outlines.into_iter().flat_map(list).collect()
}

/// A value and where it is said; turns are counted without the system message.
pub(crate) struct Plant {
    pub(crate) turn: usize,
    pub(crate) speaker: usize,
    pub(crate) kind: PlantedKind,
    pub(crate) value: String,
    /// Whether the model says it again in its answer.
    pub(crate) echoed: bool,
}

const CANARY_PERCENT: usize = 25;
const IDENTIFIER_PERCENT: usize = 15;
const SECOND_PERCENT: usize = 30;
const ECHO_PERCENT: usize = 35;

/// What an original has planted in it: a canary in the first conversation of each person whose turns must
/// never be used and in some later ones, and an identifier or two in some conversations of anybody.
pub(crate) fn plants(cast: &Cast<'_>, outline: &Outline) -> Vec<Plant> {
    let mut chance = Chance::new(cast.plan.seed, Stream::Planted, u64::from(outline.index));
    let mut plants = Vec::new();
    let (turn, speaker) = outline.guest.map_or((0, outline.author), |guest| (2, guest));
    let story: Story = cast.people[speaker].story;
    let first = outline.index < cast.plan.people;
    if story.never_permits_training() && (first || chance.percent(CANARY_PERCENT)) {
        let value = format!("canary-{:016x}", chance.next());
        plants.push(Plant { turn, speaker, kind: PlantedKind::Canary, value, echoed: false });
    }
    if chance.percent(IDENTIFIER_PERCENT) {
        let count = if chance.percent(SECOND_PERCENT) { 2 } else { 1 };
        let start = chance.below(PlantedKind::IDENTIFIERS.len());
        for step in 0..count {
            let kind = PlantedKind::IDENTIFIERS[(start + step * 3) % PlantedKind::IDENTIFIERS.len()];
            let value = value(kind, &mut chance);
            let echoed = chance.percent(ECHO_PERCENT) && kind != PlantedKind::PrivateKey;
            plants.push(Plant { turn: 0, speaker: outline.author, kind, value, echoed });
        }
    }
    plants
}

const FIRST: [&str; 12] =
    ["anna", "marc", "lena", "tom", "sofia", "jan", "ruth", "omar", "ivy", "paul", "mei", "ravi"];
const LAST: [&str; 12] = [
    "keller", "dubois", "navarro", "hughes", "tanaka", "osei", "lind", "patel", "rossi", "meyer", "costa",
    "walsh",
];
const HOSTS: [&str; 4] = ["intranet", "files", "staging", "wiki"];
const CARDS: [&str; 6] = [
    "4111 1111 1111 1111",
    "5555 5555 5555 4444",
    "4012888888881881",
    "3782 822463 10005",
    "6011-1111-1111-1117",
    "5105 1051 0510 5100",
];
const IBANS: [&str; 5] = [
    "DE89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "ES9121000418450200051332",
    "NL91 ABNA 0417 1643 00",
];
const WALLETS: [&str; 4] = [
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
];
const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn value(kind: PlantedKind, chance: &mut Chance) -> String {
    match kind {
        PlantedKind::Email => {
            let (first, last) = (chance.pick(&FIRST), chance.pick(&LAST));
            let domain = chance.pick(&["example.com", "example.org", "example.net", "mail.example.com"]);
            format!("{first}.{last}{}@{domain}", chance.between(2, 99))
        }
        PlantedKind::Phone => phone(chance),
        PlantedKind::UrlCredentials => {
            let (user, host) = (chance.pick(&FIRST), chance.pick(&HOSTS));
            format!("https://{user}:{}@{host}.example.com/login", random(ALPHANUMERIC, 10, chance))
        }
        PlantedKind::Ip => match chance.below(4) {
            0 => format!("192.0.2.{}", chance.between(1, 254)),
            1 => format!("198.51.100.{}", chance.between(1, 254)),
            2 => format!("203.0.113.{}", chance.between(1, 254)),
            _ => format!(
                "2001:db8:{:x}:{:x}::{:x}",
                chance.below(65_536),
                chance.below(65_536),
                chance.below(65_536)
            ),
        },
        PlantedKind::Mac => format!("00:00:5E:00:53:{:02X}", chance.below(256)),
        PlantedKind::Card => chance.pick(&CARDS).to_owned(),
        PlantedKind::Iban => chance.pick(&IBANS).to_owned(),
        PlantedKind::Ssn => {
            let (area, group) = (chance.between(850, 899), chance.between(10, 99));
            format!("{area}-{group}-{:04}", chance.between(1, 9999))
        }
        PlantedKind::Crypto => chance.pick(&WALLETS).to_owned(),
        PlantedKind::ApiKey => match chance.below(4) {
            0 => format!("sk-{}", random(ALPHANUMERIC, 48, chance)),
            1 => format!("ghp_{}", random(ALPHANUMERIC, 36, chance)),
            2 => format!("AKIA{}", random(BASE32, 16, chance)),
            _ => format!("AIza{}", random(ALPHANUMERIC, 35, chance)),
        },
        PlantedKind::PrivateKey => random(ALPHANUMERIC, 64, chance),
        PlantedKind::Canary => format!("canary-{:016x}", chance.next()),
    }
}

/// A number that numbering plans set aside for films and examples, and that passes for a valid one.
fn phone(chance: &mut Chance) -> String {
    let line = chance.below(100);
    match chance.below(6) {
        0 => format!("+44 20 7946 0{:03}", chance.below(1000)),
        1 => format!("+44 7700 900{:03}", chance.below(1000)),
        2 => format!("+1 212-555-01{line:02}"),
        3 => format!("+1 (415) 555-01{line:02}"),
        4 => format!("+49 30 23125 {:03}", chance.below(1000)),
        _ => format!("+33 1 99 00 {:02} {line:02}", chance.below(100)),
    }
}

fn random(alphabet: &[u8], length: usize, chance: &mut Chance) -> String {
    (0..length).map(|_| char::from(chance.pick(alphabet))).collect()
}

/// How people say such a thing, with `{}` for the value.
pub(crate) fn said(kind: PlantedKind, chance: &mut Chance) -> &'static str {
    let ways: [&'static str; 3] = match kind {
        PlantedKind::Email => {
            ["My address is {} if you need it.", "Please put {} under it.", "They wrote to {} last time."]
        }
        PlantedKind::Phone => {
            ["My number is {}.", "You can call me on {}.", "They should ring {} in the evening."]
        }
        PlantedKind::UrlCredentials => [
            "The page is {} if that matters.",
            "I open it with {} every time.",
            "The link I was sent is {} .",
        ],
        PlantedKind::Ip => {
            ["The router says {}.", "The log shows {} each time.", "The machine has the address {}."]
        }
        PlantedKind::Mac => {
            ["The sticker says {}.", "The device is {} in the list.", "Its hardware address is {}."]
        }
        PlantedKind::Card => {
            ["I paid with {} back then.", "The card is {}.", "They still have my card {} on file."]
        }
        PlantedKind::Iban => [
            "The money should go to {}.",
            "My account is {}.",
            "I always transfer it to {} at the end of the month.",
        ],
        PlantedKind::Ssn => ["My SSN is {}.", "The form has my social security number {} on it.", "SSN: {}."],
        PlantedKind::Crypto => {
            ["My wallet is {}.", "He wants it sent to {}.", "The address they gave me is {}."]
        }
        PlantedKind::ApiKey => ["I used the key {} for it.", "My token is {}.", "The config has {} in it."],
        PlantedKind::PrivateKey => {
            const PEM: &str =
                "This is what is in the file:\n-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----";
            [PEM, PEM, PEM]
        }
        PlantedKind::Canary => {
            ["My booking code is {}.", "The note on the fridge says {}.", "It is filed under {}."]
        }
    };
    ways[chance.below(ways.len())]
}

/// How the model repeats one, with `{}` for the value.
pub(crate) const ECHOES: [&str; 3] =
    ["I have taken {} as you gave it.", "I read {} in your message; check it once more.", "Keep {} at hand."];
