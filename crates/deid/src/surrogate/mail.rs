//! E-mail addresses and account names, which follow the surrogate of the person whose name they hold.

use std::collections::HashSet;

use crate::plain::plain;
use crate::surrogate::draw::{Draws, Stream};
use crate::surrogate::network::DOMAINS;
use crate::surrogate::person::People;
use crate::surrogate::shape::in_case_of;
use crate::surrogate::words::plain_word;

/// What an account's name is made of besides the text itself.
pub(super) struct Account<'s> {
    pub(super) people: &'s mut People,
    pub(super) draws: &'s Draws,
    pub(super) real: &'s HashSet<String>,
    /// How many surrogates were refused so far; each later one has a number of its own.
    pub(super) attempt: u32,
}

impl Account<'_> {
    /// An address under an example domain; the same domain everywhere for the same domain.
    pub(super) fn address(&mut self, covered: &str, stream: &mut Stream) -> String {
        let (local, domain) = covered.rsplit_once('@').unwrap_or((covered, ""));
        let example = self.draws.stream("domain", &plain(domain), 0).below(DOMAINS.len());
        let domain = in_case_of(domain, DOMAINS[example]);
        format!("{}@{domain}", self.name(local, stream))
    }

    /// The name of an account; `@` and `u/` stay, and so do its separators.
    pub(super) fn handle(&mut self, covered: &str, stream: &mut Stream) -> String {
        let at = covered.rfind(['/', '@', ':', ' ']).map_or(0, |at| at + 1);
        let (kept, name) = covered.split_at(at);
        format!("{kept}{}", self.name(name, stream))
    }

    fn name(&mut self, name: &str, stream: &mut Stream) -> String {
        let mut out = String::with_capacity(name.len() + 4);
        let mut rest = name;
        while let Some(first) = rest.chars().next() {
            let class = (first.is_alphabetic(), first.is_numeric());
            let end = rest.find(|c: char| (c.is_alphabetic(), c.is_numeric()) != class).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            match class {
                (true, _) => out.push_str(&in_case_of(run, &self.letters(run, stream))),
                (_, true) => out.extend(run.chars().map(|_| stream.digit())),
                _ => out.push_str(run),
            }
            rest = after;
        }
        if self.attempt > 0 {
            out.push_str(&(10 + stream.below(90 * self.attempt as usize)).to_string());
        }
        out
    }

    /// The surrogate of a run of letters: of a name, of a letter and a name, of two names, or a plain word.
    fn letters(&mut self, run: &str, stream: &mut Stream) -> String {
        let key = plain(run);
        if key.chars().count() == 1 {
            return self.remainder(&key, stream);
        }
        if let Some(surrogate) = self.people.known_or_listed(self.draws, self.real, &key) {
            return capitalised(&ascii(&surrogate));
        }
        let Some((before, surrogate, after)) = self
            .people
            .known_inside(&key)
            .map(|(before, surrogate, after)| (before.to_owned(), surrogate, after.to_owned()))
        else {
            return capitalised(&plain_word(stream));
        };
        let before = self.remainder(&before, stream);
        let after = self.remainder(&after, stream);
        capitalised(&format!("{before}{}{after}", ascii(&surrogate)))
    }

    fn remainder(&mut self, letters: &str, stream: &mut Stream) -> String {
        match letters.chars().count() {
            0 => String::new(),
            1 | 2 => {
                // A letter beside a name is the first of the other name, where one that was met begins so.
                let other = self.people.beginning_with(letters);
                let other = other.map(|surrogate| ascii(&surrogate).chars().take(letters.len()).collect());
                other.unwrap_or_else(|| {
                    letters.chars().map(|_| stream.letter().to_ascii_lowercase()).collect()
                })
            }
            _ => match self.people.known_or_listed(self.draws, self.real, letters) {
                Some(surrogate) => ascii(&surrogate),
                None => plain_word(stream),
            },
        }
    }
}

/// As it stands in an address: lower case, no accents, no hyphens.
fn ascii(name: &str) -> String {
    plain(name).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account<T>(use_it: impl FnOnce(&mut Account<'_>, &mut Stream) -> T) -> T {
        let draws = Draws::new(&[9; 32], "");
        let real = HashSet::new();
        let mut people = People::default();
        people.name(&draws, &real, "maria delgado", "Maria Delgado").unwrap();
        let mut stream = draws.stream("EMAIL", "", 0);
        use_it(&mut Account { people: &mut people, draws: &draws, real: &real, attempt: 0 }, &mut stream)
    }

    #[test]
    fn an_address_follows_the_name_in_it() {
        account(|account, stream| {
            let name = |account: &mut Account<'_>, part: &str| {
                ascii(&account.people.name(account.draws, account.real, "maria delgado", part).unwrap())
            };
            let (given, surname) = (name(account, "Maria"), name(account, "Delgado"));
            let mut local = |address: &str| {
                let surrogate = account.address(address, stream);
                let (local, domain) = surrogate.split_once('@').unwrap();
                assert!(DOMAINS.contains(&domain));
                local.to_owned()
            };
            assert_eq!(local("maria.delgado@acme.com"), format!("{given}.{surname}"));
            assert_eq!(local("mariadelgado@acme.com"), format!("{given}{surname}"));
            assert_eq!(local("mdelgado@acme.com"), format!("{}{surname}", &given[..1]));
            assert_eq!(local("delgado@acme.com"), surname);
            let numbered = local("maria_delgado77@acme.com");
            assert!(numbered.starts_with(&format!("{given}_{surname}")) && !numbered.ends_with("77"));
        });
    }

    #[test]
    fn a_handle_keeps_its_mark_and_says_nothing_else() {
        account(|account, stream| {
            let handle = account.handle("@sunny_otherworld", stream);
            assert!(handle.starts_with('@') && handle.contains('_') && !handle.contains("sunny"), "{handle}");
            assert!(account.handle("u/delgado", stream).starts_with("u/"));
        });
    }
}
