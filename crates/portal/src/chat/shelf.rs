//! Conversations of one session, in memory alone: gone with the session, and bounded while it lasts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candor_consent::Purpose;
use candor_conversation::Timestamp;

use super::told::Told;
use crate::form::Upload;

/// Conversations of one session.
pub(crate) const CONVERSATIONS_MAX: usize = 50;
/// Messages of one conversation.
const MESSAGES_MAX: usize = 1_000;
/// Longest message, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 128 << 10;
/// Largest file, in bytes.
pub(crate) const FILE_BYTES_MAX: usize = 2 << 20;
/// Text and files of one conversation, in bytes: with every message all of it is sent, and a gateway reads no more than
/// some 8 MB for keeping.
const CONVERSATION_BYTES_MAX: usize = 4 << 20;
/// Text and files of everybody, in bytes.
const ALL_BYTES_MAX: usize = 512 << 20;
/// A conversation that nobody went on with for so long is dropped.
pub(crate) const IDLE_MS_MAX: i64 = 2 * 3_600_000;

/// Bytes that all shelves hold together.
pub(crate) type Load = Arc<AtomicUsize>;

/// One session's conversations.
pub(crate) struct Shelf {
    chats: Mutex<Vec<Chat>>,
    load: Load,
}

/// A conversation.
pub(crate) struct Chat {
    /// Its name in addresses: random, and of use in this session alone.
    pub(crate) id: String,
    /// Its name for the gateway.
    pub(crate) name: String,
    /// Nothing of it is kept, whatever was chosen.
    pub(crate) is_temporary: bool,
    pub(crate) used_at: Timestamp,
    pub(crate) messages: Vec<Message>,
    /// The number of the question that waits for its answer.
    answering: Option<u64>,
    questions: u64,
    room: Room,
}

/// Room that a conversation takes; given back when it is dropped.
struct Room {
    bytes: usize,
    load: Load,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Person,
    Model,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is all there, or still coming.
    Whole,
    /// Its reader stopped it.
    Stopped,
    /// The model broke off.
    Broken,
    /// It grew beyond what is held here.
    TooLong,
}

/// What became of a person's rating of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rating {
    #[default]
    None,
    /// Rated; whether it may be kept is asked.
    Asked(Thumb),
    /// It may not be kept.
    Private(Thumb),
    /// It was handed over to be kept.
    Kept(Thumb),
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thumb {
    Up,
    Down,
}

/// A message.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) by: By,
    pub(crate) text: String,
    pub(crate) file: Option<Upload>,
    pub(crate) at: Timestamp,
    /// What was decided about a person's message when it was sent.
    pub(crate) told: Option<Told>,
    pub(crate) ending: Ending,
    pub(crate) rating: Rating,
    /// The model that a person asked.
    pub(crate) model: Option<String>,
}

impl Message {
    pub(crate) fn of_person(text: String, at: Timestamp) -> Self {
        Self {
            by: By::Person,
            text,
            file: None,
            at,
            told: None,
            ending: Ending::Whole,
            rating: Rating::None,
            model: None,
        }
    }

    pub(crate) fn of_model(text: String, at: Timestamp) -> Self {
        Self { by: By::Model, ..Self::of_person(text, at) }
    }

    fn bytes(&self) -> usize {
        self.text.len() + self.file.as_ref().map_or(0, |file| file.bytes.len())
    }
}

/// A conversation as it is at one moment.
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_temporary: bool,
    pub(crate) is_answering: bool,
    pub(crate) messages: Vec<Message>,
}

/// A conversation in a list.
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) is_temporary: bool,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// There is no such conversation, or no more.
    Gone,
    /// It waits for an answer.
    Answering,
    /// Too many conversations.
    TooMany,
    /// The conversation is too long.
    TooLong,
    /// All conversations of everybody together take too much room.
    NoRoom,
}

impl Shelf {
    pub(crate) fn new(load: Load) -> Self {
        Self { chats: Mutex::default(), load }
    }

    /// The newest first.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<Listed> {
        let mut chats = self.chats();
        chats.retain(|chat| chat.answering.is_some() || now.millis() - chat.used_at.millis() <= IDLE_MS_MAX);
        chats.sort_by_key(|chat| std::cmp::Reverse(chat.used_at));
        chats.iter().map(Chat::listed).collect()
    }

    /// One of them as it is.
    pub(crate) fn see(&self, id: &str) -> Option<Seen> {
        let chats = self.chats();
        let chat = chats.iter().find(|chat| chat.id == id)?;
        Some(Seen {
            id: chat.id.clone(),
            name: chat.name.clone(),
            is_temporary: chat.is_temporary,
            is_answering: chat.answering.is_some(),
            messages: chat.messages.clone(),
        })
    }

    /// Begins a conversation with what was said in it earlier.
    pub(crate) fn begin(
        &self,
        (id, name): (String, String),
        is_temporary: bool,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<(), Full> {
        let mut room = Room { bytes: 0, load: Arc::clone(&self.load) };
        room.take(messages.iter().map(Message::bytes).sum())?;
        let mut chats = self.chats();
        if chats.len() >= CONVERSATIONS_MAX {
            let oldest =
                (0..chats.len()).filter(|at| chats[*at].is_kept()).min_by_key(|at| chats[*at].used_at);
            drop(chats.remove(oldest.ok_or(Full::TooMany)?));
        }
        let (answering, questions) = (None, 0);
        chats.push(Chat { id, name, is_temporary, used_at: now, messages, answering, questions, room });
        Ok(())
    }

    /// Begins a conversation with a question; see [`Shelf::say`].
    pub(crate) fn begin_with(
        &self,
        (id, name): (String, String),
        is_temporary: bool,
        message: Message,
    ) -> Result<(u64, Seen), Full> {
        self.begin((id.clone(), name), is_temporary, Vec::new(), message.at)?;
        self.say(&id, message).inspect_err(|_| self.forget(&id))
    }

    /// Adds what a person says and waits for the answer: the question's number, and the conversation with it.
    pub(crate) fn say(&self, id: &str, message: Message) -> Result<(u64, Seen), Full> {
        let question = self.change(id, |chat| {
            if chat.answering.is_some() {
                return Err(Full::Answering);
            }
            if chat.messages.len() + 2 > MESSAGES_MAX {
                return Err(Full::TooLong);
            }
            chat.room.take(message.bytes())?;
            chat.questions += 1;
            chat.answering = Some(chat.questions);
            chat.used_at = message.at;
            chat.messages.push(message);
            Ok(chat.questions)
        });
        Ok((question.ok_or(Full::Gone)??, self.see(id).ok_or(Full::Gone)?))
    }

    /// Takes back what was said and is not answered; a conversation that has nothing else goes with it.
    pub(crate) fn take_back(&self, id: &str, question: u64) {
        self.change(id, |chat| {
            if chat.answering.take_if(|waiting| *waiting == question).is_none() {
                return;
            }
            if let Some(message) = chat.messages.pop_if(|message| message.by == By::Person) {
                chat.room.give_back(message.bytes());
            }
        });
        self.chats().retain(|chat| chat.id != id || !chat.messages.is_empty());
    }

    /// The answer begins: what was decided about the question, and room for the answer.
    pub(crate) fn answer(&self, id: &str, told: Told, now: Timestamp) {
        self.change(id, |chat| {
            if let Some(asked) = chat.messages.last_mut() {
                asked.told = Some(told);
            }
            chat.messages.push(Message::of_model(String::new(), now));
        });
    }

    /// More of the answer came.
    pub(crate) fn hear(&self, id: &str, question: u64, text: &str) -> Result<(), Full> {
        let heard = self.change(id, |chat| {
            if chat.answering != Some(question) {
                return Err(Full::Gone);
            }
            chat.room.take(text.len())?;
            if let Some(answer) = chat.messages.last_mut().filter(|message| message.by == By::Model) {
                answer.text.push_str(text);
            }
            Ok(())
        });
        heard.unwrap_or(Err(Full::Gone))
    }

    /// The answer is over.
    pub(crate) fn end(&self, id: &str, question: u64, ending: Ending) {
        self.change(id, |chat| {
            if chat.answering == Some(question) {
                chat.end(ending);
            }
        });
    }

    /// Its reader wants no more of the answer.
    pub(crate) fn stop(&self, id: &str) -> bool {
        self.change(id, |chat| {
            if chat.messages.last().is_some_and(|message| message.by == By::Model) {
                chat.end(Ending::Stopped);
            }
        })
        .is_some()
    }

    /// Notes what became of a rating; whether there is such an answer.
    pub(crate) fn rate(&self, id: &str, number: usize, rating: Rating) -> bool {
        let rated = self.change(id, |chat| {
            let answer = chat.messages.get_mut(number).filter(|message| message.by == By::Model);
            answer.map(|answer| answer.rating = rating).is_some()
        });
        rated.unwrap_or(false)
    }

    /// Drops a conversation.
    pub(crate) fn forget(&self, id: &str) {
        self.chats().retain(|chat| chat.id != id);
    }

    fn change<T>(&self, id: &str, change: impl FnOnce(&mut Chat) -> T) -> Option<T> {
        self.chats().iter_mut().find(|chat| chat.id == id).map(change)
    }

    fn chats(&self) -> MutexGuard<'_, Vec<Chat>> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chat {
    fn end(&mut self, ending: Ending) {
        if self.answering.take().is_none() {
            return;
        }
        if let Some(answer) = self.messages.last_mut().filter(|message| message.by == By::Model) {
            answer.ending = ending;
        }
    }

    fn listed(&self) -> Listed {
        let first = self.messages.first();
        let title = first.map(title).unwrap_or_default();
        Listed { id: self.id.clone(), name: self.name.clone(), title, is_temporary: self.is_temporary }
    }

    /// Whether all of it is kept for its author elsewhere, so that it may make room here.
    fn is_kept(&self) -> bool {
        let mut told = self.messages.iter().filter(|message| message.by == By::Person).map(|said| &said.told);
        self.answering.is_none()
            && told.all(|told| told.as_ref().is_some_and(|told| told.is_kept_for(Purpose::History)))
    }
}

/// Letters of a title.
const TITLE_LETTERS_MAX: usize = 60;

/// What a conversation is called: how it begins.
pub(crate) fn title(first: &Message) -> String {
    let line = first.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let named =
        if line.is_empty() { first.file.as_ref().map_or("", |file| file.name.as_str()) } else { line };
    let mut letters = named.chars();
    let mut title: String = letters.by_ref().take(TITLE_LETTERS_MAX).collect();
    if letters.next().is_some() {
        title.push('…');
    }
    title
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Full> {
        if self.bytes + bytes > CONVERSATION_BYTES_MAX {
            return Err(Full::TooLong);
        }
        if self.load.fetch_add(bytes, Ordering::Relaxed) + bytes > ALL_BYTES_MAX {
            self.load.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Full::NoRoom);
        }
        self.bytes += bytes;
        Ok(())
    }

    fn give_back(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.load.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.load.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn saying(bytes: usize) -> Message {
        Message::of_person("a".repeat(bytes), at(0))
    }

    fn begun(load: &Load, id: &str) -> Shelf {
        let shelf = Shelf::new(Arc::clone(load));
        shelf.begin((id.into(), "name".into()), false, Vec::new(), at(0)).unwrap();
        shelf
    }

    #[test]
    fn room_is_given_back_when_a_message_a_conversation_or_a_session_goes() {
        let load = Load::default();
        let shelf = begun(&load, "a");
        let (first, _) = shelf.say("a", saying(10)).unwrap();
        shelf.answer("a", Told::nothing(), at(0));
        shelf.hear("a", first, "more").unwrap();
        shelf.end("a", first, Ending::Whole);
        let (second, _) = shelf.say("a", saying(100)).unwrap();
        assert_eq!(load.load(Ordering::Relaxed), 114);
        shelf.take_back("a", first);
        shelf.take_back("a", second);
        assert_eq!(load.load(Ordering::Relaxed), 14);
        shelf.forget("a");
        assert_eq!(load.load(Ordering::Relaxed), 0);
        let shelf = begun(&load, "b");
        shelf.say("b", saying(10)).unwrap();
        drop(shelf);
        assert_eq!(load.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_conversation_waits_for_its_answer_and_has_an_end() {
        let load = Load::default();
        let shelf = begun(&load, "a");
        let (question, _) = shelf.say("a", saying(10)).unwrap();
        assert_eq!(shelf.say("a", saying(10)).err(), Some(Full::Answering));
        shelf.answer("a", Told::nothing(), at(0));
        assert!(shelf.stop("a"));
        assert_eq!(shelf.hear("a", question, "late"), Err(Full::Gone));
        assert_eq!(shelf.say("a", saying(CONVERSATION_BYTES_MAX)).err(), Some(Full::TooLong));
        assert_eq!(shelf.say("b", saying(1)).err(), Some(Full::Gone));
        assert_eq!(shelf.see("a").unwrap().messages[1].ending, Ending::Stopped);
        load.store(ALL_BYTES_MAX, Ordering::Relaxed);
        assert_eq!(shelf.say("a", saying(1)).err(), Some(Full::NoRoom));
        load.store(10, Ordering::Relaxed);
    }

    #[test]
    fn a_conversation_that_is_kept_nowhere_else_never_makes_room() {
        let shelf = Shelf::new(Load::default());
        for number in 0..CONVERSATIONS_MAX {
            let begun =
                shelf.begin((number.to_string(), String::new()), false, vec![saying(1)], at(number as i64));
            begun.unwrap();
        }
        let one_more = || shelf.begin(("more".into(), String::new()), false, Vec::new(), at(100));
        assert_eq!(one_more(), Err(Full::TooMany));
        shelf.change("7", |chat| chat.messages[0].told = Some(Told::kept_for(&[Purpose::History])));
        assert_eq!(one_more(), Ok(()));
        assert!(shelf.see("7").is_none());
    }

    #[test]
    fn nobody_goes_on_and_a_conversation_is_gone() {
        let shelf = begun(&Load::default(), "a");
        assert_eq!(shelf.list(at(IDLE_MS_MAX)).len(), 1);
        assert_eq!(shelf.list(at(IDLE_MS_MAX + 1)).len(), 0);
    }

    #[test]
    fn a_title_is_the_first_line_cut_between_letters() {
        let message = Message::of_person(format!("\n  {}\nmore", "ä".repeat(61)), at(0));
        assert_eq!(title(&message), format!("{}…", "ä".repeat(60)));
    }
}
