//! Tells how a model reads the rows of a release, for another program to compare: one JSON object a row, with its
//! `tokens` and, of each but the first, the negative log-likelihood in nats (`surprises`).
//!
//! `cargo run -p candor-learn --example score -- MODEL RELEASE`

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use candor_learn::{Model, load};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut folders = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(model), Some(release), None) = (folders.next(), folders.next(), folders.next()) else {
        return Err("usage: score MODEL RELEASE, both folders".into());
    };
    let model = Model::open(&model)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for row in load(&release, None)?.rows {
        let (tokens, surprises) = model.surprises(&row.messages)?;
        writeln!(out, "{}", json!({ "row": row.number, "tokens": tokens, "surprises": surprises }))?;
    }
    Ok(out.flush()?)
}
