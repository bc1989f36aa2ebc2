//! Corpora beside the workspace, when they are there, and the split into the half that rules were tuned on and the other.

use std::path::PathBuf;

use serde::de::DeserializeOwned;

/// Which half a template or rule belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    /// Looked at while rules were written.
    Tune,
    /// Only scored.
    Check,
}

/// The half of a template or rule, by bit 32 of the 64-bit FNV-1a hash of its name.
pub(crate) fn half(name: &str) -> Half {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    if hash >> 32 & 1 == 0 { Half::Tune } else { Half::Check }
}

/// The rows of a JSON lines file under the corpora folder; `None`, with a message, when it is absent.
pub(crate) fn rows<T: DeserializeOwned>(path: &str) -> Option<Vec<T>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let Ok(file) = std::fs::File::open(root.join(path)) else {
        println!("skipped: corpus {path} is absent");
        return None;
    };
    let mut bytes = Vec::new();
    let read = match path.ends_with(".gz") {
        true => std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes).map(|_| ()),
        false => zstd::decode_all(file).map(|decoded| bytes = decoded),
    };
    read.ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(
        text.split('\n')
            .filter(|line| !line.is_empty())
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect(),
    )
}
