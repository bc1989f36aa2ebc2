//! Conversations as JSON lines in the OpenAI chat shape.

use std::io::{self, Write};

use candor_conversation::{Role, Timestamp};

use crate::Plan;
use crate::chance::{Chance, Stream};
use crate::outline::{Cast, Outline, conversation_id};
use crate::people::age_band;
use crate::speech::{Script, script};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub conversations: u32,
    /// Messages in them, system messages too.
    pub turns: u64,
    /// Bytes of text in the messages.
    pub text_bytes: u64,
}

/// Writes the plan's conversations, one JSON object a line, in memory that does not grow with their number.
///
/// Each has `id`, `user`, `tenant`, `tier`, `region`, `age` (left out where unknown), `created_at` and
/// `messages` of `role`, `content` and `created_at`. Where two people share a thread, each human message names
/// its author in `user`. Give a buffered writer: there is one write for each line.
pub fn write_conversations(plan: &Plan, out: &mut dyn Write) -> io::Result<Written> {
    let cast = Cast::new(plan);
    let mut line = Vec::new();
    let mut written = Written::default();
    for outline in cast.outlines() {
        let script = script(&cast, &outline);
        line.clear();
        Line { cast: &cast, outline: &outline, bytes: &mut line }.write(&script)?;
        out.write_all(&line)?;
        written.conversations += 1;
        written.turns += script.turns.len() as u64 + u64::from(script.system.is_some());
        let text = script.system.map_or(0, str::len) + script.turns.iter().map(String::len).sum::<usize>();
        written.text_bytes += text as u64;
    }
    Ok(written)
}

struct Line<'a> {
    cast: &'a Cast<'a>,
    outline: &'a Outline,
    bytes: &'a mut Vec<u8>,
}

impl Line<'_> {
    fn write(&mut self, script: &Script) -> io::Result<()> {
        let outline = self.outline;
        let cast = self.cast;
        let person = &self.cast.people[outline.author];
        let begins = self.cast.begins(outline.index);
        // Ids, names and regions are made of characters that JSON needs no escape for.
        write!(self.bytes, r#"{{"id":"{}","user":"{}","#, conversation_id(outline.index), person.name)?;
        write!(
            self.bytes,
            r#""tenant":"{}","tier":"{}","region":"{}","#,
            person.tenant, person.tier, person.region
        )?;
        if person.age.is_some() {
            write!(self.bytes, r#""age":"{}","#, age_band(person.age))?;
        }
        write!(self.bytes, r#""created_at":"{begins}","messages":["#)?;
        if let Some(system) = script.system {
            self.message(Role::System, None, system, begins)?;
            self.bytes.push(b',');
        }
        let mut chance = Chance::new(self.cast.plan.seed, Stream::Time, !u64::from(outline.index));
        let mut at = begins;
        for (turn, text) in script.turns.iter().enumerate() {
            if turn > 0 {
                self.bytes.push(b',');
            }
            let human = turn % 2 == 0;
            let role = if human { Role::User } else { Role::Assistant };
            self.message(role, speaker(cast, outline, turn).filter(|_| human), text, at)?;
            let pause_seconds = if human { chance.between(2, 25) } else { chance.between(20, 600) };
            at = Timestamp::from_millis(at.millis() + pause_seconds * 1000);
        }
        self.bytes.extend_from_slice(b"]}\n");
        Ok(())
    }

    fn message(&mut self, role: Role, user: Option<&str>, text: &str, at: Timestamp) -> io::Result<()> {
        write!(self.bytes, r#"{{"role":"{}","#, role.as_str())?;
        if let Some(user) = user {
            write!(self.bytes, r#""user":"{user}","#)?;
        }
        self.bytes.extend_from_slice(br#""content":"#);
        serde_json::to_writer(&mut *self.bytes, text)?;
        write!(self.bytes, r#","created_at":"{at}"}}"#)
    }
}

/// Who wrote a human turn, named only where two people share the thread.
fn speaker<'a>(cast: &'a Cast<'_>, outline: &Outline, turn: usize) -> Option<&'a str> {
    let guest = outline.guest?;
    let speaker = if turn / 2 % 2 == 1 { guest } else { outline.author };
    Some(&cast.people[speaker].name)
}
