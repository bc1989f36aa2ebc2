//! Identifiers with checksums, generated in every form and between decoys whose check digit is wrong.

use candor_deid::{Engine, IdentifierKind as Kind, Settings};

/// How many numbers of each form are drawn.
const DRAWN: usize = 120;
/// The least share of right numbers that must be found, and the most of wrong ones that may be taken for right.
const RECALL_MIN: f64 = 0.995;
const ALARMS_MAX: f64 = 0.01;
const SENTENCES: [&str; 6] = [
    "{}",
    "Here it is: {}.",
    "I paid with {} yesterday.",
    "my number ({}), thanks",
    "\"value\": \"{}\",",
    "a;{};b",
];

/// A fixed sequence of digits.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    fn of(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}

fn luhn_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(digit - b'0') * (2 - place as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

fn grouped(text: &str, separator: &str) -> String {
    let groups: Vec<_> =
        text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(separator)
}

/// Asserts that right numbers are found in every sentence and wrong ones are left.
fn assert_told_apart(name: &str, kind: Kind, numbers: &[(String, String)]) {
    let engine = Engine::new(Settings::rules());
    // A right number may be taken for one of another sort that it happens to be too; a wrong one must not be taken for it.
    let found = |number: &str, sentence: &str, kinds: &[Kind]| {
        let text = sentence.replace("{}", number);
        let at = text.find(number).unwrap();
        engine.detect(&text).iter().any(|span| {
            kinds.contains(&span.kind) && span.range.start <= at && at + number.len() <= span.range.end
        })
    };
    let mut counts = [0, 0, 0];
    let mut missed = Vec::new();
    for (right, wrong) in numbers {
        for sentence in SENTENCES {
            counts[0] += 1;
            match found(right, sentence, &Kind::ALL) {
                true => counts[1] += 1,
                false => missed.push(sentence.replace("{}", right)),
            }
            counts[2] += usize::from(found(wrong, sentence, &[kind]));
        }
    }
    let recall = counts[1] as f64 / counts[0] as f64;
    let alarms = counts[2] as f64 / counts[0] as f64;
    println!("{name}: {} drawn, recall {recall:.4}, alarms on wrong ones {alarms:.4}", counts[0]);
    assert!(recall >= RECALL_MIN, "{name} recall {recall}, missed {missed:#?}");
    assert!(alarms <= ALARMS_MAX, "{name} alarms {alarms}");
}

#[test]
fn cards_of_every_issuer_are_found_and_wrong_ones_left() {
    const FORMS: [(&str, usize); 22] = [
        ("4", 13),
        ("4", 16),
        ("4", 19),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("2720", 16),
        ("34", 15),
        ("37", 15),
        ("6011", 16),
        ("65", 16),
        ("62", 16),
        ("62", 19),
        ("305", 14),
        ("36", 14),
        ("38", 14),
        ("3530", 16),
        ("1800", 15),
        ("2131", 15),
        ("5018", 12),
        ("6304", 13),
        ("6763", 19),
    ];
    let mut dice = Dice(7);
    let mut numbers = Vec::new();
    for (prefix, length) in FORMS {
        for turn in 0..DRAWN / 10 {
            let body = format!("{prefix}{}", dice.digits(length - 1 - prefix.len()));
            let check = luhn_digit(&body);
            let written = |digit: u32| {
                let whole = format!("{body}{digit}");
                match turn % 3 {
                    0 => whole,
                    1 => grouped(&whole, " "),
                    _ => grouped(&whole, "-"),
                }
            };
            numbers.push((written(check), written((check + 1 + dice.below(9) as u32) % 10)));
        }
    }
    assert_told_apart("cards", Kind::Card, &numbers);
}

#[test]
fn ibans_of_many_countries_are_found_and_wrong_ones_left() {
    const FORMS: [(&str, usize); 16] = [
        ("GB", 22),
        ("DE", 22),
        ("FR", 27),
        ("ES", 24),
        ("IT", 27),
        ("NL", 18),
        ("NO", 15),
        ("BE", 16),
        ("CH", 21),
        ("PL", 28),
        ("SE", 24),
        ("MT", 31),
        ("LC", 32),
        ("TR", 26),
        ("AE", 23),
        ("BR", 29),
    ];
    let remainder = |text: &str| {
        text.chars().fold(0_u32, |rest, c| {
            let value = c.to_digit(36).unwrap();
            (rest * if value < 10 { 10 } else { 100 } + value) % 97
        })
    };
    let mut dice = Dice(11);
    let mut numbers = Vec::new();
    for (country, length) in FORMS {
        for turn in 0..DRAWN / 10 {
            let letters = dice.of(b"ABCDEFGHJKLMNPRSTUVWXYZ", 4);
            let body = format!("{letters}{}", dice.digits(length - 8));
            let check = 98 - remainder(&format!("{body}{country}00"));
            let written = |check: u32| {
                let whole = format!("{country}{check:02}{body}");
                match turn % 4 {
                    0 => whole,
                    1 => grouped(&whole, " "),
                    2 => whole.to_lowercase(),
                    _ => grouped(&whole, "-"),
                }
            };
            numbers.push((written(check), written(2 + (check + 3) % 90)));
        }
    }
    assert_told_apart("ibans", Kind::Iban, &numbers);
}

#[test]
fn national_numbers_in_their_own_punctuation_are_found_and_wrong_ones_left() {
    let mut dice = Dice(13);
    let mut numbers = Vec::new();
    for _ in 0..DRAWN {
        let body = dice.digits(9);
        let digit = |text: &str| {
            let weights = 2..=text.len() as u32 + 1;
            let sum: u32 =
                text.bytes().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            (11 - sum % 11) % 11 % 10
        };
        let first = digit(&body);
        let second = digit(&format!("{body}{first}"));
        let written = |first: u32, second: u32| {
            format!("{}.{}.{}-{first}{second}", &body[..3], &body[3..6], &body[6..])
        };
        numbers.push((written(first, second), written(first, (second + 3) % 10)));
        let serial = dice.digits(8);
        let letter = |shift: u32| {
            let place = (serial.parse::<u32>().unwrap() + shift) % 23;
            char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[place as usize])
        };
        numbers.push((format!("{serial}-{}", letter(0)), format!("{serial}-{}", letter(5))));
        let area = 100 + dice.below(500);
        let social = format!("{area}-{:02}-{:04}", 10 + dice.below(80), 1000 + dice.below(9000));
        numbers.push((social.clone(), format!("000{}", &social[3..])));
    }
    assert_told_apart("national numbers", Kind::NationalId, &numbers);
}
