//! From errors to exit codes: one table.

use candor_conversation::Kind;

/// The answer is no: what was asked about does not hold. It is reported already.
#[derive(Debug, thiserror::Error)]
#[error("the answer is no")]
pub(crate) struct AnswerIsNo;

/// What the user gave is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongInput(pub(crate) String);

/// The kind of a failure, by the first error in its chain that we know.
pub(crate) fn kind(error: &anyhow::Error) -> Kind {
    error.chain().find_map(kind_of).unwrap_or(Kind::Internal)
}

fn kind_of(error: &(dyn std::error::Error + 'static)) -> Option<Kind> {
    macro_rules! known {
        ($($type:ty),* $(,)?) => {
            $(if let Some(known) = error.downcast_ref::<$type>() { return Some(known.kind()); })*
        };
    }
    known!(
        candor_vault::StateError,
        candor_vault::VaultError,
        candor_vault::LogError,
        candor_vault::LogFault,
        candor_witness::AskError,
        candor_witness::StoreError,
        candor_release::BuildError,
        candor_release::restore::RestoreError,
        candor_release::verify::VerifyError,
        candor_release::prove::ProofError,
        candor_release::TrustError,
        candor_consent::NoticeError,
        candor_consent::RulesError,
        candor_consent::EventError,
        candor_consent::request::RequestError,
        candor_consent::receipt::ReceiptError,
        candor_consent::states::StateProofError,
        candor_import::OpenError,
        candor_import::ReadError,
        candor_deid::SettingsError,
        candor_gateway::KeyFileError,
        candor_gateway::ServeError,
        candor_gateway::SettingsError,
        candor_portal::PortalError,
        candor_portal::SettingsError,
        crate::reference::ReferenceError,
        candor_learn::LoadError,
        candor_learn::ModelError,
        candor_learn::TrainError,
    );
    let invalid = error.is::<WrongInput>()
        || error.is::<AnswerIsNo>()
        || error.is::<candor_conversation::InvalidId>()
        || error.is::<candor_conversation::InvalidPerson>()
        || error.is::<candor_conversation::InvalidTime>()
        || error.is::<candor_consent::InvalidPurpose>();
    if invalid {
        return Some(Kind::Invalid);
    }
    if error.is::<crate::commands::recalls::RecallUnknown>() {
        return Some(Kind::Corrupt);
    }
    error.downcast_ref::<std::io::Error>().map(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Kind::NotFound,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::InvalidInput => Kind::Invalid,
        _ => Kind::Unavailable,
    })
}
