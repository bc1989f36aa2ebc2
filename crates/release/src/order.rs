//! A release and a receipt together: whether an act came before the release was decided or after it.

use std::path::Path;

use candor_consent::receipt::Receipt;

use crate::TrustedKeys;
use crate::dsse::Envelope;
use crate::layout;
use crate::prove::ProofError;
use crate::verify::{Report, check_signed, read_json, verify_release};

/// Checks a release's folder and a receipt, and tells which of them the log has first.
///
/// The places are those of the log, so that neither the operator's clock nor the person's bears on it: an act at a place
/// below the size of the log at which the release was decided had to be obeyed by it.
pub fn verify_order(
    folder: &Path,
    receipt: &Receipt,
    trusted: Option<&TrustedKeys>,
) -> Result<Report, ProofError> {
    let release = verify_release(folder, trusted)?;
    let envelope = Envelope::from_value(&read_json(folder, layout::STATEMENT)?)
        .map_err(crate::verify::VerifyError::from)?;
    let signed = check_signed(&envelope, &read_json(folder, layout::LOG_PROOF)?, trusted)?;
    let facts = match trusted {
        Some(trusted) => receipt.verify(&trusted.operator, &trusted.log)?,
        None => receipt.verify_integrity()?,
    };
    let act = match receipt.record().event() {
        Some(event) => format!("`{}` for {}", event.state, event.purpose),
        None => "the enrolment".to_owned(),
    };
    let (place, follows) = match facts.position.0 < signed.decided_at.0 {
        true => ("before", "the release had to obey it"),
        false => (
            "after",
            "the release could not know of it; what it recalls since is in the operator's list of recalls",
        ),
    };
    let shows = format!(
        "{act} is at {} in the log, {place} the size {} at which release {} was decided: {follows}",
        facts.position, signed.decided_at, signed.name
    );
    let held = release.held.into_iter().chain(["receipt"]).collect();
    Ok(Report { what: "order", shows, held, signer_trusted: trusted.is_some() })
}
