//! The vocabulary: byte pairs (Sennrich et al. 2016) found in the release, and the marks between turns.
//!
//! A conversation is `<|begin|>`, then for each turn the mark of its role, its text, and `<|end|>`. The marks are
//! tokens that no text can spell: text that looks like one is read as the characters it is.

use std::collections::{BTreeMap, BTreeSet};

use candor_conversation::{Message, Role};
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{AddedToken, DecoderWrapper, PreTokenizerWrapper, Tokenizer};

use crate::model::ModelError;

/// Fills what is not used.
pub(crate) const PAD: &str = "<|pad|>";
/// Begins a conversation.
pub(crate) const BEGIN: &str = "<|begin|>";
/// Ends a turn.
pub(crate) const END: &str = "<|end|>";
const ROLES: [Role; 4] = [Role::System, Role::User, Role::Assistant, Role::Tool];
/// A pair of tokens becomes one when it is seen this often.
const FREQUENCY_MIN: u64 = 2;

/// The template of a conversation as Hugging Face writes it (Jinja).
pub(crate) const CHAT_TEMPLATE: &str = "{{ '<|begin|>' }}{% for message in messages %}{{ '<|' + message['role'] + \
     '|>' + message['content'] + '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/// Tokens of a release's text, and of its turns.
pub(crate) struct Vocabulary {
    tokenizer: Tokenizer,
    /// The mark of each role.
    roles: BTreeMap<Role, u32>,
    /// All marks.
    marks: BTreeSet<u32>,
    pub(crate) begin: u32,
    pub(crate) end: u32,
}

/// A conversation as tokens.
#[derive(Clone, Default)]
pub(crate) struct Encoded {
    pub(crate) tokens: Vec<u32>,
    /// For each token, the message whose text or end it belongs to; none for the marks that begin something.
    pub(crate) messages: Vec<Option<u32>>,
}

impl Vocabulary {
    /// Finds the byte pairs of texts.
    pub(crate) fn train<'a>(
        texts: impl Iterator<Item = &'a str> + Send,
        size: usize,
    ) -> Result<Self, ModelError> {
        let marks = [PAD, BEGIN, END].into_iter().map(str::to_owned).chain(ROLES.map(role_mark));
        let mut trainer = BpeTrainer::builder()
            .vocab_size(size)
            .min_frequency(FREQUENCY_MIN)
            .show_progress(false)
            .special_tokens(marks.map(|mark| AddedToken::from(mark, true)).collect())
            .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
            .build();
        let bytes = ByteLevel::new(false, true, true);
        let mut tokenizer = tokenizers::TokenizerBuilder::new()
            .with_model(BPE::default())
            .with_normalizer(None::<tokenizers::NormalizerWrapper>)
            .with_pre_tokenizer(Some(PreTokenizerWrapper::from(bytes)))
            .with_post_processor(None::<tokenizers::PostProcessorWrapper>)
            .with_decoder(Some(DecoderWrapper::from(bytes)))
            .build()
            .map_err(vocabulary_error)?;
        tokenizer.train(&mut trainer, texts).map_err(vocabulary_error)?;
        let json = tokenizer.to_string(true).map_err(vocabulary_error)?;
        Self::from_json(&json)
    }

    /// Reads `tokenizer.json`.
    pub(crate) fn from_json(json: &str) -> Result<Self, ModelError> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(vocabulary_error)?;
        // Text that spells a mark is text.
        tokenizer.set_encode_special_tokens(true);
        let id = |mark: &str| {
            let id = tokenizer.token_to_id(mark);
            id.ok_or_else(|| ModelError::Malformed {
                file: "tokenizer.json",
                reason: format!("{mark} is missing"),
            })
        };
        let roles = ROLES.iter().map(|role| Ok((*role, id(&role_mark(*role))?)));
        let roles = roles.collect::<Result<_, ModelError>>()?;
        let roles: BTreeMap<Role, u32> = roles;
        let (begin, end) = (id(BEGIN)?, id(END)?);
        let marks = roles.values().copied().chain([id(PAD)?, begin, end]).collect();
        Ok(Self { roles, marks, begin, end, tokenizer })
    }

    /// `tokenizer.json`.
    pub(crate) fn to_json(&self) -> Result<String, ModelError> {
        let mut tokenizer = self.tokenizer.clone();
        tokenizer.set_encode_special_tokens(false);
        tokenizer.to_string(true).map_err(vocabulary_error)
    }

    /// How many tokens there are.
    pub(crate) fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Id of a mark.
    pub(crate) fn mark(&self, mark: &str) -> Option<u32> {
        self.tokenizer.token_to_id(mark)
    }

    /// Whether a reply may hold the token: text, or the end of the turn.
    pub(crate) fn may_be_said(&self, token: u32) -> bool {
        token == self.end || !self.marks.contains(&token)
    }

    /// Whose turn a mark begins.
    pub(crate) fn role_of(&self, token: u32) -> Option<Role> {
        self.roles.iter().find(|(_, mark)| **mark == token).map(|(role, _)| *role)
    }

    /// Tokens of a conversation.
    pub(crate) fn encode(&self, messages: &[Message]) -> Result<Encoded, ModelError> {
        let mut encoded = Encoded { tokens: vec![self.begin], messages: vec![None] };
        for (number, message) in messages.iter().enumerate() {
            encoded.tokens.push(self.role(&message.role)?);
            encoded.messages.push(None);
            encoded.tokens.extend(self.encode_text(&message.content)?);
            encoded.tokens.push(self.end);
            encoded.messages.resize(encoded.tokens.len(), Some(number as u32));
        }
        Ok(encoded)
    }

    /// Tokens of a conversation whose next turn is the assistant's.
    pub(crate) fn encode_prompt(&self, messages: &[Message]) -> Result<Vec<u32>, ModelError> {
        let mut tokens = self.encode(messages)?.tokens;
        tokens.push(self.role(Role::Assistant.as_str())?);
        Ok(tokens)
    }

    /// Tokens of plain text.
    pub(crate) fn encode_text(&self, text: &str) -> Result<Vec<u32>, ModelError> {
        Ok(self.tokenizer.encode_fast(text, false).map_err(vocabulary_error)?.get_ids().to_vec())
    }

    /// Text of tokens, without marks; incomplete characters at the end are replaced by U+FFFD.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String, ModelError> {
        self.tokenizer.decode(tokens, true).map_err(vocabulary_error)
    }

    fn role(&self, role: &str) -> Result<u32, ModelError> {
        let known = self.roles.iter().find(|(known, _)| known.as_str() == role);
        known.map(|(_, id)| *id).ok_or_else(|| ModelError::Role(role.to_owned()))
    }
}

fn role_mark(role: Role) -> String {
    format!("<|{}|>", role.as_str())
}

fn vocabulary_error(error: tokenizers::Error) -> ModelError {
    ModelError::Vocabulary(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static SMALL: LazyLock<Vocabulary> = LazyLock::new(|| {
        let texts = ["the cat sat on the mat", "the dog sat on the log", "was für ein schöner Tag, 你好"];
        Vocabulary::train(texts.into_iter().cycle().take(30), 330).unwrap()
    });

    proptest! {
        #[test]
        fn any_text_survives_the_trip_through_tokens(text in any::<String>()) {
            prop_assert_eq!(SMALL.decode(&SMALL.encode_text(&text).unwrap()).unwrap(), text);
        }

        #[test]
        fn no_text_spells_a_mark(before in "[a-z ]{0,9}", mark in "<\\|(begin|end|user|assistant|system|tool|pad)\\|>") {
            let tokens = SMALL.encode_text(&format!("{before}{mark}{before}")).unwrap();
            prop_assert!(tokens.iter().all(|token| !SMALL.marks.contains(token)));
        }
    }

    #[test]
    fn the_same_texts_give_the_same_vocabulary_and_it_reads_back() {
        let texts = || (0..200).map(|at| ["mend the lamp", "make tea", "keep a fern", "an old map"][at % 4]);
        let json = Vocabulary::train(texts(), 300).unwrap().to_json().unwrap();
        for _ in 0..5 {
            assert_eq!(Vocabulary::train(texts(), 300).unwrap().to_json().unwrap(), json);
        }
        let read = Vocabulary::from_json(&json).unwrap();
        assert_eq!(read.to_json().unwrap(), json);
        assert!(read.size() > 256 + 7);
    }

    #[test]
    fn a_conversation_is_marked_turn_by_turn() {
        let message = |role: &str, content: &str| Message { role: role.into(), content: content.into() };
        let messages = [message("user", "the cat"), message("assistant", "the mat")];
        let encoded = SMALL.encode(&messages).unwrap();
        let mark = |name: &str| SMALL.mark(name).unwrap();
        assert_eq!(encoded.tokens[..2], [mark(BEGIN), mark("<|user|>")]);
        assert_eq!(encoded.tokens.last(), Some(&mark(END)));
        assert_eq!(encoded.tokens.len(), encoded.messages.len());
        let owned = |message| encoded.messages.iter().filter(|of| **of == Some(message)).count();
        assert_eq!(owned(0) + owned(1) + 3, encoded.tokens.len());
        let prompt = SMALL.encode_prompt(&messages).unwrap();
        assert_eq!(prompt.split_last(), Some((&mark("<|assistant|>"), &encoded.tokens[..])));
    }
}
