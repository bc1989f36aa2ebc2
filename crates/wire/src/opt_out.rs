//! Asking not to be kept: every dialect that clients speak, in one normal form.
//!
//! All of these lower what may be kept; none can raise it, whatever its value (DESIGN, N4). A value that we do
//! not know, under a name that we do, counts as the refusal.

use serde::Deserialize;

use crate::scalar::Scalar;

/// What a request asks not to be done with it. Ordered: the greatest of several applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptOut {
    /// Nothing asked.
    #[default]
    None,
    /// May be kept for the person's own history, and used for nothing else.
    Training,
    /// Nothing of it may be kept.
    Everything,
}

/// The way in which a request asked; see [`DIALECTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Our own header for a temporary conversation.
    CandorTemporary,
    /// OpenAI's `store`.
    OpenAiStore,
    /// LiteLLM's `no-log`.
    LiteLlmNoLog,
    /// LiteLLM's message redaction.
    LiteLlmRedaction,
    /// Helicone's omission of the request.
    HeliconeOmitRequest,
    /// Helicone's omission of the response.
    HeliconeOmitResponse,
    /// Bifrost's switch for content logging.
    BifrostContentLogging,
    /// Cloudflare AI Gateway's switch for logs.
    CloudflareLog,
    /// Cloudflare AI Gateway's switch for payloads in logs.
    CloudflareLogPayload,
    /// TensorZero's dry run.
    TensorZeroDryrun,
    /// OpenRouter's zero data retention.
    OpenRouterZdr,
    /// OpenRouter's data collection policy.
    OpenRouterDataCollection,
    /// Vercel AI Gateway's zero data retention.
    VercelZeroDataRetention,
    /// Vercel AI Gateway's ban on training.
    VercelDisallowTraining,
    /// Keywords AI's switch for logs.
    KeywordsDisableLog,
    /// Command Code's zero data retention.
    CommandZdr,
    /// Interfaze's zero data retention.
    InterfazeZdr,
    /// IETF AI Preferences.
    ContentUsage,
    /// Global Privacy Control.
    GlobalPrivacyControl,
}

impl Dialect {
    /// Its name in logs, metrics and records.
    pub fn code(self) -> &'static str {
        self.row().map_or("unknown", |row| row.code)
    }

    /// Its line in the table.
    pub fn row(self) -> Option<&'static Row> {
        DIALECTS.iter().find(|row| row.dialect == self)
    }
}

/// Where a signal is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A request header, in any case.
    Header(&'static str),
    /// A field of the JSON body, by its path.
    Field(&'static str),
}

/// Which values refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refuses {
    /// Every value but a clear "off" (`false`, `0`, `no`, `off`).
    UnlessOff,
    /// Every value but a clear "on" (`true`, `1`, `yes`, `on`).
    UnlessOn,
    /// Every value but this word.
    Unless(&'static str),
    /// A dictionary of RFC 8941 in which a category that covers training is not `y`.
    Preferences,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The dialect.
    pub dialect: Dialect,
    /// Its name in logs, metrics and records.
    pub code: &'static str,
    /// Where it is found.
    pub place: Place,
    /// Which of its values refuse.
    pub refuses: Refuses,
    /// What a refusal means here.
    pub means: OptOut,
}

const fn header(dialect: Dialect, code: &'static str, name: &'static str, refuses: Refuses) -> Row {
    Row { dialect, code, place: Place::Header(name), refuses, means: OptOut::Everything }
}

const fn field(dialect: Dialect, code: &'static str, path: &'static str, refuses: Refuses) -> Row {
    Row { dialect, code, place: Place::Field(path), refuses, means: OptOut::Everything }
}

const fn training_only(row: Row) -> Row {
    Row { means: OptOut::Training, ..row }
}

/// Every dialect, the project that it comes from, and what we take it to mean.
///
/// The peers' switches speak of logs and of retention by a provider; a person who asks a provider not to retain
/// surely does not want the gateway on the way there to. So all of them mean [`OptOut::Everything`], except those
/// that speak of training alone.
pub const DIALECTS: [Row; 19] = {
    use Dialect::*;
    use Refuses::*;
    [
        // Candor: a temporary conversation.
        header(CandorTemporary, "candor-temporary", "candor-temporary", UnlessOff),
        // OpenAI API, chat completions and responses. Absent or null is no signal.
        field(OpenAiStore, "openai-store", "store", UnlessOn),
        // LiteLLM proxy: no logging of this call.
        field(LiteLlmNoLog, "litellm-no-log", "no-log", UnlessOff),
        // LiteLLM proxy: messages are redacted in logs.
        header(LiteLlmRedaction, "litellm-redaction", "x-litellm-enable-message-redaction", UnlessOff),
        // Helicone: bodies are not stored.
        header(HeliconeOmitRequest, "helicone-omit-request", "helicone-omit-request", UnlessOff),
        header(HeliconeOmitResponse, "helicone-omit-response", "helicone-omit-response", UnlessOff),
        // Bifrost (maximhq): content stays out of logs.
        header(BifrostContentLogging, "bifrost-content-logging", "x-bf-disable-content-logging", UnlessOff),
        // Cloudflare AI Gateway: no log at all; no bodies in the log.
        header(CloudflareLog, "cloudflare-log", "cf-aig-collect-log", UnlessOn),
        header(CloudflareLogPayload, "cloudflare-log-payload", "cf-aig-collect-log-payload", UnlessOn),
        // TensorZero: the inference is not stored.
        field(TensorZeroDryrun, "tensorzero-dryrun", "tensorzero::dryrun", UnlessOff),
        // OpenRouter: only providers that retain nothing; only providers that do not collect.
        field(OpenRouterZdr, "openrouter-zdr", "provider.zdr", UnlessOff),
        field(
            OpenRouterDataCollection,
            "openrouter-data-collection",
            "provider.data_collection",
            Unless("allow"),
        ),
        // Vercel AI Gateway: retains nothing; does not train.
        field(VercelZeroDataRetention, "vercel-zdr", "providerOptions.gateway.zeroDataRetention", UnlessOff),
        training_only(field(
            VercelDisallowTraining,
            "vercel-disallow-training",
            "providerOptions.gateway.disallowPromptTraining",
            UnlessOff,
        )),
        // Keywords AI: inputs and outputs are not logged.
        field(KeywordsDisableLog, "keywords-disable-log", "disable_log", UnlessOff),
        // Two more products' zero data retention.
        header(CommandZdr, "cmd-zdr", "x-cmd-zdr", UnlessOff),
        header(InterfazeZdr, "interfaze-zdr", "x-interfaze-zdr", UnlessOff),
        // IETF AI Preferences working group, `Content-Usage: train-ai=n`.
        training_only(header(ContentUsage, "content-usage", "content-usage", Preferences)),
        // W3C Global Privacy Control, `Sec-GPC: 1`.
        training_only(header(GlobalPrivacyControl, "sec-gpc", "sec-gpc", UnlessOff)),
    ]
};

/// The strictest signal among several, and the first dialect that gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strictest {
    /// What is asked.
    pub opt_out: OptOut,
    /// Who asked, where something is.
    pub dialect: Option<Dialect>,
}

impl Strictest {
    /// Takes one more signal into account.
    pub fn add(&mut self, opt_out: OptOut, dialect: Option<Dialect>) {
        if opt_out > self.opt_out {
            *self = Self { opt_out, dialect };
        }
    }
}

/// What the headers of a request ask, and the dialect of the strictest of them. Names in any case.
///
/// ```
/// use candor_wire::opt_out::{Dialect, OptOut, read_headers};
///
/// let headers = [("accept", b"*/*".as_slice()), ("Sec-GPC", b"1")];
/// assert_eq!(read_headers(headers), (OptOut::Training, Some(Dialect::GlobalPrivacyControl)));
/// ```
pub fn read_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> (OptOut, Option<Dialect>) {
    let mut strictest = Strictest::default();
    refusals(headers).for_each(|row| strictest.add(row.means, Some(row.dialect)));
    (strictest.opt_out, strictest.dialect)
}

/// Every refusal among the headers of a request, in their order. Names in any case.
pub fn refusals<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> impl Iterator<Item = &'static Row> {
    headers.into_iter().filter_map(|(name, value)| {
        let named =
            |row: &&Row| matches!(row.place, Place::Header(known) if known.eq_ignore_ascii_case(name));
        DIALECTS.iter().find(named).filter(|row| row.refuses.header(value))
    })
}

const OFF: [&str; 4] = ["false", "0", "no", "off"];
const ON: [&str; 4] = ["true", "1", "yes", "on"];

impl Refuses {
    fn header(self, value: &[u8]) -> bool {
        let Ok(value) = std::str::from_utf8(value) else { return true };
        match self {
            Refuses::Preferences => preferences_refuse(value),
            _ => self.word(value),
        }
    }

    fn word(self, value: &str) -> bool {
        let value = value.trim();
        let among = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
        match self {
            Refuses::UnlessOff => !among(&OFF),
            Refuses::UnlessOn => !among(&ON),
            Refuses::Unless(word) => !among(&[word]),
            Refuses::Preferences => preferences_refuse(value),
        }
    }

    fn scalar(self, value: &Scalar<'_>) -> bool {
        match value {
            Scalar::Null => false,
            Scalar::Bool(true) => self.word("true"),
            Scalar::Bool(false) => self.word("false"),
            Scalar::Text(text) => self.word(text),
            Scalar::Number(number) if *number == 0.0 => self.word("0"),
            Scalar::Number(number) if *number == 1.0 => self.word("1"),
            Scalar::Number(_) | Scalar::Other => true,
        }
    }
}

/// Whether an AI Preferences dictionary refuses training. Its categories nest: `bots` is any automated
/// processing and covers `train-ai`, which covers `train-genai`. An unknown category says nothing about training;
/// what is no dictionary refuses.
fn preferences_refuse(value: &str) -> bool {
    let mut refused = false;
    for member in value.split(',').map(str::trim).filter(|member| !member.is_empty()) {
        let member = member.split(';').next().unwrap_or_default().trim();
        let (key, preference) = member.split_once('=').unwrap_or((member, ""));
        let well_formed = !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.*".contains(&byte));
        let covers = ["bots", "train-ai", "train-genai"].iter().any(|known| known.eq_ignore_ascii_case(key));
        refused |= !well_formed || (covers && preference != "y");
    }
    refused
}

/// The fields of a body in which dialects speak; part of every request that is read.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    pub(crate) store: Scalar<'a>,
    pub(crate) no_log: Scalar<'a>,
    pub(crate) disable_log: Scalar<'a>,
    pub(crate) dryrun: Scalar<'a>,
    pub(crate) provider: Provider<'a>,
    pub(crate) gateway: Gateway<'a>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Provider<'a> {
    #[serde(borrow, default)]
    zdr: Scalar<'a>,
    #[serde(borrow, default)]
    data_collection: Scalar<'a>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Gateway<'a> {
    #[serde(borrow, default, rename = "zeroDataRetention")]
    zero_data_retention: Scalar<'a>,
    #[serde(borrow, default, rename = "disallowPromptTraining")]
    disallow_prompt_training: Scalar<'a>,
}

impl Fields<'_> {
    pub(crate) fn read(&self) -> Strictest {
        let signals = [
            (Dialect::OpenAiStore, &self.store),
            (Dialect::LiteLlmNoLog, &self.no_log),
            (Dialect::KeywordsDisableLog, &self.disable_log),
            (Dialect::TensorZeroDryrun, &self.dryrun),
            (Dialect::OpenRouterZdr, &self.provider.zdr),
            (Dialect::OpenRouterDataCollection, &self.provider.data_collection),
            (Dialect::VercelZeroDataRetention, &self.gateway.zero_data_retention),
            (Dialect::VercelDisallowTraining, &self.gateway.disallow_prompt_training),
        ];
        let mut strictest = Strictest::default();
        for (dialect, value) in signals {
            if let Some(row) = dialect.row().filter(|row| row.refuses.scalar(value)) {
                strictest.add(row.means, Some(dialect));
            }
        }
        strictest
    }
}
