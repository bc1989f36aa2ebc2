//! The dataset card: what a reader of the data should know, made from the manifest alone.

use std::fmt::Write as _;

use crate::language::{Language, Side};
use crate::manifest::{Manifest, PublicNames, ReplaceWith};

mod residual;
mod sensitive;

/// `README.md` as Hugging Face reads it: YAML, then words and tables.
pub(crate) fn card(manifest: &Manifest) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_card(&mut text, manifest);
    text
}

fn write_card(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let size = match manifest.rows.released {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "1M<n<10M",
    };
    writeln!(text, "---\npretty_name: \"{}\"\nsize_categories:\n- {size}", manifest.name)?;
    writeln!(text, "task_categories:\n- text-generation\ntags:\n- conversational\n- consent\n- candor")?;
    writeln!(text, "configs:\n- config_name: default\n  data_files: data/*.parquet\n---\n")?;
    writeln!(text, "# {}\n", manifest.name)?;
    let without_act = manifest.turns.basis.get(&candor_consent::Basis::NoticeDefault).copied().unwrap_or(0);
    let ground = if without_act == 0 {
        "under a choice of everyone who wrote in it".to_owned()
    } else {
        format!("**{without_act} turns of them without an act of consent**, by the notice's default")
    };
    let replaced = if manifest.identifiers.is_empty() {
        "No identifiers were replaced"
    } else {
        match manifest.configuration.replace_with {
            ReplaceWith::Placeholders => "Identifiers are replaced by typed placeholders such as `[EMAIL_1]`",
            ReplaceWith::Surrogates => "Identifiers are replaced by invented ones that read like them",
        }
    };
    writeln!(
        text,
        "{} conversations of {} people, used for `{}` {ground}, as of {}. {replaced}.\n",
        manifest.rows.released, manifest.people, manifest.purpose, manifest.as_of
    )?;
    writeln!(text, "Check it: `candor verify . --trust trust.keys`, or `verify/candor_verify.py`.\n")?;
    turns(text, manifest)?;
    rows(text, manifest)?;
    identifiers(text, manifest)?;
    sensitive::section(text, manifest)?;
    attachments(text, manifest)?;
    residual::section(text, manifest.residual.as_ref())?;
    origin(text, manifest)?;
    language(text, &manifest.language)?;
    commitment(text, manifest)
}

fn turns(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    writeln!(text, "## Turns in and out\n\n| turns | count |\n|---|---:|")?;
    writeln!(text, "| looked at | {} |", manifest.turns.examined)?;
    writeln!(text, "| used | {} |", manifest.turns.used)?;
    for (reason, count) in &manifest.turns.withheld {
        writeln!(text, "| withheld: {} (`{reason}`) | {count} |", reason.words())?;
    }
    writeln!(text, "\n| what the yes of a person's turn rests on | turns |\n|---|---:|")?;
    for (basis, count) in &manifest.turns.basis {
        let words = match basis {
            candor_consent::Basis::Consent => "an act of consent on record before the turn",
            candor_consent::Basis::GuardianConsent => {
                "an act of consent of a guardian, on record before the turn"
            }
            candor_consent::Basis::AttestedConsent => "an act of consent recorded afterwards, vouched for",
            candor_consent::Basis::NoticeDefault => {
                "**used without an act of consent** (the notice's default)"
            }
        };
        writeln!(text, "| {words} | {count} |")?;
    }
    writeln!(text, "\n| notice in force | turns |\n|---|---:|")?;
    for notice in &manifest.notices {
        writeln!(text, "| version {} (`{}`) | {} |", notice.version, notice.id, notice.turns)?;
    }
    writeln!(text)
}

fn rows(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let rows = &manifest.rows;
    writeln!(text, "## Rows in and out\n\n| rows | count |\n|---|---:|")?;
    writeln!(text, "| candidates | {} |", rows.candidates)?;
    writeln!(text, "| exact duplicates merged | {} |", rows.exact_duplicates)?;
    writeln!(text, "| near duplicates merged | {} |", rows.near_duplicates)?;
    writeln!(text, "| released | {} |", rows.released)?;
    writeln!(text, "| branches left out of conversations with too many | {} |\n", rows.paths_left_out)?;
    writeln!(
        text,
        "`weight` says how many candidates a row stands for. Conversations that differ in a number, a date, a \
         name or a negation are kept apart.\n"
    )
}

fn identifiers(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    writeln!(text, "## Identifiers replaced\n")?;
    if manifest.identifiers.is_empty() {
        writeln!(text, "No identifiers were replaced in the released rows.")?;
    } else {
        writeln!(text, "| kind, in the released rows | count |\n|---|---:|")?;
        for (kind, count) in &manifest.identifiers {
            writeln!(text, "| {kind} | {count} |")?;
        }
    }
    surrogates(text, manifest)?;
    let second_reader = match &manifest.configuration.encoder_sha256 {
        None => "without the optional second reader".to_owned(),
        Some(sha256) => format!("with a second reader (`{sha256}`) where it is in doubt"),
    };
    writeln!(
        text,
        "\nLooked for are: {}. Rules find what has a form, and leave what they believe with a confidence below {}; names \
         are found by a trained model, {second_reader}, and words that are less probably a name than {} \
         are left. Both miss some. Names of public figures, works, places and organisations {}. Indirect clues stay. This \
         is pseudonymised text, not anonymous text.\n",
        manifest.configuration.identifiers.join(", "),
        manifest.configuration.identifier_threshold,
        manifest.configuration.name_threshold,
        match manifest.configuration.public_names {
            PublicNames::Keep => "stay, unless a conversation speaks of them as somebody's own",
            PublicNames::Mask => "are replaced like any other",
        }
    )
}

fn surrogates(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let key = match manifest.configuration.surrogate_key.as_str() {
        "kept" => {
            "The operator kept the key: with it and the vault, and while nobody who wrote in a row has left, the row can \
                   be restored"
        }
        _ => "The key ended with the build: nothing leads back",
    };
    match manifest.configuration.replace_with {
        ReplaceWith::Placeholders => Ok(()),
        ReplaceWith::Surrogates => writeln!(
            text,
            "\nSurrogates stand for {} of them, drawn under a secret key, in a conversation the same for the same; typed \
             placeholders such as `[SECRET_1]` for the others. What reads like a name, a number or an \
             address there was invented: no row is a report about anybody. {key}.",
            manifest.surrogates
        ),
    }
}

fn attachments(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    if manifest.attachments.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Files that came with the turns\n\n| what became of them | files |\n|---|---:|")?;
    for (outcome, count) in &manifest.attachments {
        let words = match outcome.as_str() {
            "read" => "their text stands in the turn, de-identified with it",
            "withheld" => "withheld: no file is opened",
            "not-at-hand" => "withheld: their bytes are not in the vault",
            _ => "withheld: not readable",
        };
        writeln!(text, "| {words} (`{outcome}`) | {count} |")?;
    }
    writeln!(
        text,
        "\nWhere a file was, its kind stands in brackets. No image and no recording is in the rows.\n"
    )
}

fn origin(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let origin = &manifest.origin;
    writeln!(text, "## Human origin\n")?;
    if let Some(share) = &origin.human_share {
        writeln!(
            text,
            "Of what people sent, {} by bytes is not shown to be pasted (95 % interval {} to {}: Wilson's, over {} \
             conversations weighted by length). That is the most that can be human: what was pasted from elsewhere \
             cannot be told from what was typed, and both are `unknown`.\n",
            share.value, share.low, share.high, origin.conversations
        )?;
    }
    writeln!(text, "| origin of people's text | spans | bytes |\n|---|---:|---:|")?;
    for (kind, bytes) in &origin.bytes {
        let spans = origin.spans.get(kind).map(u64::to_string).unwrap_or_default();
        writeln!(text, "| {} | {spans} | {bytes} |", kind.as_str())?;
    }
    let permille = manifest.configuration.pasted_permille;
    writeln!(
        text,
        "\nThe column `origin` lists the spans with their evidence: 40 characters and more that stand in an earlier \
         answer of the conversation are found for certain. No row is left out for it; `sampling_permille` counts \
         pasted bytes {permille} thousandths.\n"
    )
}

fn language(text: &mut String, language: &Language) -> std::fmt::Result {
    writeln!(text, "## Is the language growing poorer?\n")?;
    let reference = &language.reference;
    writeln!(
        text,
        "Rare words are {} words of the {} (SHA-256 `{}`).\n",
        reference.words, reference.from, reference.sha256
    )?;
    for (who, side) in [("people", &language.human), ("the model", &language.model)] {
        let Some(largest) = side.measures.last() else {
            writeln!(text, "Turns of {who}: no text.\n")?;
            continue;
        };
        writeln!(text, "| turns of {who}, first {} tokens | value | ± |\n|---|---:|---:|", largest.tokens)?;
        for (indicator, figure) in &largest.values {
            writeln!(text, "| {} | {} | {} |", indicator.words(), figure.value, figure.standard_error)?;
        }
        writeln!(text)?;
        changes(text, who, (side, language.compared_with.as_deref()))?;
    }
    Ok(())
}

fn changes(text: &mut String, who: &str, (side, last): (&Side, Option<&str>)) -> std::fmt::Result {
    let Some(last) = last else { return Ok(()) };
    let Some(first) = side.changes.first() else {
        return writeln!(text, "Turns of {who}: too little text to compare with `{last}`.\n");
    };
    writeln!(
        text,
        "| turns of {who}, {} tokens | in `{last}` | here | change (95 %) |\n|---|---:|---:|---|",
        first.tokens
    )?;
    for change in &side.changes {
        let alarm = if change.alarm { " **ALARM**" } else { "" };
        writeln!(
            text,
            "| {} | {} | {} | {} ({} to {}){alarm} |",
            change.indicator.words(),
            change.before,
            change.now,
            change.difference,
            change.low,
            change.high
        )?;
    }
    writeln!(text)
}

fn commitment(text: &mut String, manifest: &Manifest) -> std::fmt::Result {
    let commitment = &manifest.commitment;
    writeln!(text, "## Commitment\n\n| tree | entries | root |\n|---|---:|---|")?;
    writeln!(text, "| rows | {} | `{}` |", commitment.rows, commitment.rows_root)?;
    writeln!(text, "| people | {} | `{}` |\n", commitment.subjects, commitment.subjects_root)?;
    writeln!(
        text,
        "Anyone with an enrolment receipt can ask the operator for a proof that they are, or are not, in this \
         release. The proof covers this release, not what a trainer read elsewhere."
    )
}
