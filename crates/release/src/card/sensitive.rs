//! The card's part on sentences that tell something sensitive.

use std::fmt::Write as _;

use crate::manifest::{Manifest, SensitiveAction};

/// Writes the part.
pub(super) fn section(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    writeln!(text, "## Sentences that tell something sensitive\n")?;
    if manifest.sensitive.is_empty() {
        writeln!(text, "None was found, before de-duplication.")?;
    } else {
        writeln!(
            text,
            "| sentences, before de-duplication | kept | generalised | withheld with their turn |"
        )?;
        writeln!(text, "|---|---:|---:|---:|")?;
        for (class, found) in &manifest.sensitive {
            let name = class.0.name();
            writeln!(text, "| {name} | {} | {} | {} |", found.kept, found.generalised, found.withheld)?;
        }
    }
    let of = |wanted: SensitiveAction| {
        let actions = manifest.configuration.sensitive.iter().filter(|(_, action)| **action == wanted);
        let names: Vec<&str> = actions.map(|(class, _)| class.0.name()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    writeln!(
        text,
        "\nSuch a sentence speaks of a particular person or firm and needs no identifier. Withheld: {}. Generalised, so that \
         words such as `[something about health]` stand for it: {}. Kept: {}. A linear model over English sentences labels \
         them, one sentence at a time: some are missed, most of all where an answer repeats them or a pronoun stands for \
         them, and in chats about other things about two in three labels are wrong.\n",
        of(SensitiveAction::Withhold),
        of(SensitiveAction::Generalise),
        of(SensitiveAction::Keep),
    )
}
