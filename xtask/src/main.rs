//! `cargo xtask COMMAND`.

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  ci         format, lints, documentation, doctests, all tests; with cargo and Debian's PostgreSQL
  interop    what is not ours: Hugging Face datasets and transformers, Polars, DuckDB, Python, the OpenAI and Anthropic
             SDKs
             `interop torch` trains with TRL and PyTorch on a release of ours, and opens a model of ours there; it
             downloads about 2.5 GB
  e2e        the pages in a real browser: accessibility, the rules for consent screens, safety between people
             `e2e pictures` also makes the pictures of the README
  reference  write docs/reference/*.md from the program
  train-deid names CORPORA
             train the name model of crates/deid on the folder of corpora that docs/deid.md describes, and on text that
             is generated; 6 minutes of one core, downloads about 30 MB
  train-deid encoder CORPORA
             train the optional encoder of names on the same folder; 15 minutes of one core, downloads about 200 MB
  train-deid public
             make the filter of public names again; downloads 2.5 MB
  train-deid sensitive CORPUS
             train the model of sensitive sentences again; CORPUS is JSON lines with `text_en`, in zstd";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ci"] => xtask::ci::run_checks(),
        ["interop"] => xtask::interop::run_readers(),
        ["interop", "torch"] => xtask::interop::run_torch(),
        ["e2e"] => xtask::e2e::run_browser(xtask::e2e::Pictures::Leave),
        ["e2e", "pictures"] => xtask::e2e::run_browser(xtask::e2e::Pictures::Make),
        ["reference"] => xtask::reference::write(),
        ["train-deid", "names", corpora] => xtask::train_deid::train_names(corpora.as_ref()),
        ["train-deid", "encoder", corpora] => xtask::train_encoder::train(corpora.as_ref()),
        ["train-deid", "public"] => xtask::train_deid::make_public(),
        ["train-deid", "sensitive", corpus] => xtask::train_deid::train_sensitive(corpus.as_ref()),
        _ => {
            xtask::program::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<xtask::ci::AlreadyTold>() => ExitCode::FAILURE,
        Err(error) => {
            xtask::program::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
