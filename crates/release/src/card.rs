//! The dataset card: what a reader of the data should know, made from the manifest alone.

use std::fmt::Write as _;

use crate::manifest::Manifest;

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
        "Identifiers are replaced by typed placeholders such as `[EMAIL_1]`"
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
    writeln!(
        text,
        "\nOnly structured identifiers are looked for ({}), and those found with a confidence below {} are left; \
         names, places and indirect clues stay. This is pseudonymised text, not anonymous text.\n",
        manifest.configuration.identifiers.join(", "),
        manifest.configuration.identifier_threshold
    )
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
