//! `candor quickstart`: everything in order, in a temporary folder, then the same under the providers' notice.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_conversation::Region;
use serde_json::json;

use crate::context::{Context, table};
use crate::edge;

mod open;
mod own;
pub(crate) mod sample;
pub(crate) mod story;
pub(crate) mod world;

use world::World;

/// See it work: everything in order on a generated sample, or on your own export, in a temporary folder
///
/// Makes a vault, publishes a notice, enrols people, records their choices, imports, builds a release, verifies
/// it, proves absence and presence, erases someone; then does the same under a notice as the big providers ship
/// it, and prints both side by side. Nothing leaves this machine. Of your own file, choices are invented for the
/// demonstration, and said so.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Your own export or log (file, folder or zip); a generated sample without it
    path: Option<PathBuf>,
    /// Where the people of your own file are, since exports do not tell
    #[arg(long, default_value = "US")]
    region: Region,
    /// Folder to work in; must not exist [default: a new temporary folder, which stays]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Go on with the pages: train a model on the sample, serve it, and show a guide through the whole circle
    #[arg(long, conflicts_with = "path")]
    open: bool,
    /// Steps of each training with --open; with few, `reference-transformer` speaks worse and `reference-retrieval` as
    /// well as ever [default: as `candor train`]
    #[arg(long, requires = "open", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: Option<u32>,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let watch = edge::stopwatch();
    let folder = working_folder(arguments.folder.as_deref())?;
    context.tell(&format!("working in {}\n", folder.display()));
    if arguments.open {
        return open::open(context, &folder, arguments.steps);
    }
    let story = match &arguments.path {
        Some(path) => own::story(context, path, &arguments.region)?,
        None => sample::story(context, &folder)?,
    };
    context.tell(&format!("THE CONVERSATIONS\n{}\n", story.about));

    let mut ours = World::make(context, &folder.join("ours"), &story, world::Side::Ours)?;
    context.tell(&format!("OUR NOTICE: nothing without a yes\n{}\n", ours.told()));
    let proofs = ours.prove_and_verify(&story)?;
    context.tell(&format!("PROOFS\n{proofs}\n"));
    let erased = ours.erase_someone(&story)?;
    context.tell(&format!("ERASURE\n{erased}\n"));
    let theirs = World::make(context, &folder.join("providers"), &story, world::Side::Providers)?;
    context.tell(&format!("AS THE BIG PROVIDERS SHIP IT: silence is a yes\n{}\n", theirs.told()));

    world::note_two_worlds(&ours, &theirs)?;
    let rows = world::side_by_side(&ours, &theirs);
    let text = format!(
        "SIDE BY SIDE\n{}\n\n{}\n\n{}",
        table(&rows),
        story.remark,
        where_to_look(&folder, &ours, watch.elapsed().as_secs_f64())
    );
    let value = json!({
        "folder": folder,
        "ours": ours.value(),
        "providers": theirs.value(),
    });
    context.answer(&text, &value)
}

fn working_folder(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let Some(folder) = given else {
        let made = tempfile::Builder::new().prefix("candor-quickstart-").tempdir();
        return Ok(made.context("make a temporary folder")?.keep());
    };
    std::fs::create_dir(folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(folder.to_owned())
}

fn where_to_look(folder: &Path, ours: &World, seconds: f64) -> String {
    let data = ours.data().display();
    format!(
        "WHERE TO LOOK ({seconds:.1} s for all of it)\n  \
         {data}/releases/first/README.md     the card of the release\n  \
         {data}/releases/first/data          the rows: any Parquet reader opens them\n  \
         {data}/receipts                     what each person holds\n  \
         candor verify {data}/releases/first --trust {data}/trust.keys\n  \
         python3 verify/candor_verify.py {data}/releases/first --trust {data}/trust.keys\n  \
         candor consent show NAME --tenant TENANT --data {data}\n  \
         rm -r {}                            when you are done",
        folder.display()
    )
}
