//! Whose word about a log is enough: the file that names logs, witnesses and a quorum (C2SP `tlog-policy`).
//!
//! ```text
//! # a comment
//! log <verifier key> [<url>]
//! witness <name> <verifier key> [<url>]
//! group <name> all|any|<k> <name>...
//! quorum <name>|none
//! ```
//!
//! Items are parted by spaces and tabs. A name stands on a line before the one that uses it, in one group at most;
//! there is exactly one `quorum` line. A checkpoint is good when one of the logs signed it (when any is named) and
//! the quorum did: a witness by its cosignature, a group when at least `k` of its members did.
//!
//! Source: c2sp.org/tlog-policy. Unlike it we refuse a file that is not UTF-8.

use std::collections::{HashMap, HashSet};

use crate::hash::shown;
use crate::note::{InvalidKey, NoteError, SignedNote, VerifierKey};
use crate::witness::{Cosignature, WitnessKey};

/// The longest file, in bytes.
pub const POLICY_BYTES_MAX: usize = 1 << 20;

/// The most logs, witnesses or groups, of each.
pub const ITEMS_MAX: usize = 256;

/// A witness that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in the file.
    pub name: String,
    /// Its key.
    pub key: WitnessKey,
    /// Where it takes checkpoints.
    pub url: Option<String>,
}

/// A policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

/// Who can witness, by place in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// A file that is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPolicy {
    /// Not as the module's page says.
    #[error("policy: {0}")]
    File(&'static str),
    /// A line.
    #[error("policy, line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong, in words.
        reason: String,
    },
}

/// Why a checkpoint is not good under a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// None of the logs signed it.
    #[error("the checkpoint is signed by no log of the policy")]
    Log(#[source] NoteError),
    /// A line of a witness's key is there, and is no signature of this checkpoint.
    #[error("wrong witness: the line of `{0}` is not its signature of this checkpoint")]
    WrongWitness(String),
    /// Too few witnesses signed.
    #[error(
        "missing witness: `{quorum}` did not sign this checkpoint; of its witnesses {signed} did, {missing} did not"
    )]
    Quorum {
        /// Witness or group that the quorum line names.
        quorum: String,
        /// Who signed.
        signed: String,
        /// Who did not.
        missing: String,
    },
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidPolicy> {
        if bytes.len() > POLICY_BYTES_MAX {
            return Err(InvalidPolicy::File("it is too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidPolicy::File("it is not UTF-8"))?;
        let mut reader = Reader::default();
        for (number, line) in text.split('\n').enumerate() {
            reader.line(line).map_err(|reason| InvalidPolicy::Line { line: number + 1, reason })?;
        }
        let Reader { policy, quorum, .. } = reader;
        let quorum = quorum
            .ok_or(InvalidPolicy::File("it has no `quorum` line\nhint: `quorum none` asks for no witness"))?;
        Ok(Self { quorum, ..policy })
    }

    /// The witnesses, in the file's order.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The logs, in the file's order.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Whether a checkpoint is good without any witness.
    pub fn asks_nobody(&self) -> bool {
        self.quorum.is_none()
    }

    /// Checks a checkpoint: returns the names of the witnesses that signed it.
    ///
    /// # Errors
    /// [`PolicyError`]
    pub fn check(&self, checkpoint: &SignedNote) -> Result<Vec<&str>, PolicyError> {
        if !self.logs.is_empty() {
            checkpoint.verify(&self.logs).map_err(PolicyError::Log)?;
        }
        let mut signed = HashSet::new();
        for (place, witness) in self.witnesses.iter().enumerate() {
            match witness.key.check(checkpoint) {
                Cosignature::Missing => {}
                Cosignature::Wrong => return Err(PolicyError::WrongWitness(witness.name.clone())),
                Cosignature::Holds { .. } => {
                    signed.insert(place);
                }
            }
        }
        let names = |wanted: bool| -> Vec<&str> {
            let witnesses = self.witnesses.iter().enumerate();
            let those = witnesses.filter(|(place, _)| signed.contains(place) == wanted);
            those.map(|(_, witness)| witness.name.as_str()).collect()
        };
        if self.quorum.is_some_and(|quorum| !self.witnessed(quorum, &signed)) {
            let quorum = self.quorum.map_or("none", |quorum| self.name_of(quorum)).to_owned();
            return Err(PolicyError::Quorum {
                quorum,
                signed: listed(&names(true)),
                missing: listed(&names(false)),
            });
        }
        Ok(names(true))
    }

    fn witnessed(&self, member: Member, signed: &HashSet<usize>) -> bool {
        match member {
            Member::Witness(place) => signed.contains(&place),
            // Groups name only what stands before them, so this ends.
            Member::Group(place) => {
                let group = &self.groups[place];
                let members = group.members.iter().filter(|member| self.witnessed(**member, signed));
                members.count() >= group.threshold
            }
        }
    }

    fn name_of(&self, member: Member) -> &str {
        match member {
            Member::Witness(place) => &self.witnesses[place].name,
            Member::Group(place) => &self.groups[place].name,
        }
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A policy as far as it was read.
struct Reader {
    policy: Policy,
    names: HashMap<String, Member>,
    in_a_group: HashSet<String>,
    logs: HashSet<[u8; 32]>,
    witnesses: HashSet<[u8; 32]>,
    quorum: Option<Option<Member>>,
}

impl Default for Reader {
    fn default() -> Self {
        let policy = Policy { logs: Vec::new(), witnesses: Vec::new(), groups: Vec::new(), quorum: None };
        Self {
            policy,
            names: HashMap::new(),
            in_a_group: HashSet::new(),
            logs: HashSet::new(),
            witnesses: HashSet::new(),
            quorum: None,
        }
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7F) {
            return Err("it has a control character".into());
        }
        let items: Vec<&str> = line.split([' ', '\t']).filter(|item| !item.is_empty()).collect();
        match items.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.log(key),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => self.quorum(name),
            [first, ..] => Err(format!("`{}` with what follows is no line of a policy", shown(first))),
        }
    }

    fn log(&mut self, key: &str) -> Result<(), String> {
        let key: VerifierKey = key.parse().map_err(|error: InvalidKey| error.to_string())?;
        only_once(&mut self.logs, key.public())?;
        self.policy.logs.push(key);
        few("logs", self.policy.logs.len())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), String> {
        let key: WitnessKey = key.parse().map_err(|error: InvalidKey| error.to_string())?;
        only_once(&mut self.witnesses, key.public())?;
        self.define(name, Member::Witness(self.policy.witnesses.len()))?;
        let url = url.map(|url| (*url).to_owned());
        self.policy.witnesses.push(Witness { name: name.to_owned(), key, url });
        few("witnesses", self.policy.witnesses.len())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let threshold = match threshold {
            "all" => members.len(),
            "any" => 1,
            number => {
                crate::decimal::parse_decimal(number).and_then(|k| usize::try_from(k).ok()).unwrap_or(0)
            }
        };
        if threshold == 0 || threshold > members.len() {
            return Err(format!(
                "a group of {} needs `all`, `any` or a number from 1 to that",
                members.len()
            ));
        }
        let mut found = Vec::new();
        for member in members {
            found.push(self.known(member)?);
            if !self.in_a_group.insert((*member).to_owned()) {
                return Err(format!("`{}` is in a group already", shown(member)));
            }
        }
        self.define(name, Member::Group(self.policy.groups.len()))?;
        self.policy.groups.push(Group { name: name.to_owned(), threshold, members: found });
        few("groups", self.policy.groups.len())
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("there is a `quorum` line already".into());
        }
        self.quorum = Some(if name == "none" { None } else { Some(self.known(name)?) });
        Ok(())
    }

    fn known(&self, name: &str) -> Result<Member, String> {
        let known = self.names.get(name).copied();
        known.ok_or_else(|| format!("no line before this one defines `{}`", shown(name)))
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), String> {
        if name == "none" || self.names.insert(name.to_owned(), member).is_some() {
            return Err(format!("the name `{}` is taken", shown(name)));
        }
        Ok(())
    }
}

fn only_once(known: &mut HashSet<[u8; 32]>, public: &[u8; 32]) -> Result<(), String> {
    if known.insert(*public) { Ok(()) } else { Err("this key stands here twice".into()) }
}

fn few(what: &str, count: usize) -> Result<(), String> {
    if count > ITEMS_MAX { Err(format!("more than {ITEMS_MAX} {what}")) } else { Ok(()) }
}
