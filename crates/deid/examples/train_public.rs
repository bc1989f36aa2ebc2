//! Makes `weights/public.bin` from the list of a gazetteer: `train_public LIST OUT`.
//!
//! The list has lines `#!tier NAME COUNT` and, under each, one name a line. `cargo xtask train-deid public` fetches it.

use anyhow::{Context as _, bail};
use candor_deid::public::{Tier, pack};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [list, out] = arguments.as_slice() else { bail!("usage: train_public LIST OUT") };
    let text = std::fs::read_to_string(list).with_context(|| format!("read {list}"))?;
    let mut tier = None;
    let mut names = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("#!tier ") {
            tier = match head.split(' ').next() {
                Some("full") => Some(Tier::Figure),
                Some("title") => Some(Tier::Work),
                Some("place") => Some(Tier::Place),
                _ => None,
            };
        } else if let Some(tier) = tier.filter(|_| !line.starts_with("#!")) {
            names.push((tier, line));
        }
    }
    let bytes = pack(names.iter().copied()).context("the list makes no filter")?;
    std::fs::write(out, bytes).with_context(|| format!("write {out}"))
}
