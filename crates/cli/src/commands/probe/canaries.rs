//! `candor probe canaries`: are planted secrets learned?

use std::path::PathBuf;

use anyhow::Context as _;
use candor_learn::probe::{Exposure, SecretKind, exposure, joint_chance, ratio, share};
use candor_learn::{Corpus, Model, Plan, Row, load};
use serde_json::{Value, json};

use super::canary_world::{Canary, canaries, world};
use super::lab::train_arm;
use super::report::{Report, Section, row, shown};
use crate::context::{Context, Unit};
use crate::failure::AnswerIsNo;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Another seed gives other secrets, and other models
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of each training [default: 8 times over the text, at least 60]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: Option<u32>,
    /// Secrets that nobody said, among which each is ranked; exposure goes up to log2 of one more
    #[arg(long, default_value_t = 1023, value_parser = clap::value_parser!(u16).range(31..=16_383))]
    candidates: u16,
    /// The folder of the report [default: probes/canaries in the data directory, if there is one]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// Less likely than this by accident, secrets show.
const CERTAIN: f64 = 0.001;

const METHOD: &str = "Exposure (Carlini et al., \"The Secret Sharer\", 2019): each secret is ranked by likelihood among others \
     drawn like it that nobody said, after the words it was said with; exposure is log2 of how many there are less log2 of \
     the rank. Of a secret that the model knows nothing of it is 1.44 bits on average. Means with 95 % intervals over secrets. The \
     last figure is the chance of ranks as good, or of as many first places, if the model knew nothing: the smaller of \
     Fisher's combination of the ranks (1932) and the binomial tail of first places, doubled. Below 0.001 the secrets show. \
     Each secret was said six times by one person, each new word six times by six people; the models read the release eight \
     times.";

pub(crate) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let folder =
        tempfile::Builder::new().prefix("candor-canaries-").tempdir().context("make a temporary folder")?;
    let canaries = canaries(arguments.seed);
    context.tell("making a vault with people who tell secrets, and a release of those who agreed");
    let world = world(context, folder.path(), &canaries)?;
    let released = load(&world.data().join("releases").join("first"), None).context("read the release")?;
    drop(world);
    let train = |name: &str, corpus: &Corpus| {
        let plan = Plan::new(corpus, arguments.seed);
        let plan = Plan { held_out_percent: 0, steps: arguments.steps.unwrap_or(plan.steps), ..plan };
        context.tell(&format!("training {name}: {} rows", corpus.rows.len()));
        train_arm(context, folder.path(), name, (corpus, plan, None))
    };
    let as_released = train("on the release", &released)?;
    let as_said =
        train("on the same with the secrets as they were said", &with_secrets(&released, &canaries))?;
    let groups = groups(context, arguments, &canaries, (&as_released, &as_said))?;
    let report = report(&groups, &released, arguments.candidates);
    report.tell(context, arguments.into.as_deref(), "canaries")?;
    match groups.iter().all(Group::is_as_it_must_be) {
        true => Ok(()),
        false => Err(AnswerIsNo.into()),
    }
}

/// The release, and the conversations of those who agreed with their identifiers in them.
fn with_secrets(released: &Corpus, canaries: &[Canary]) -> Corpus {
    let told = canaries.iter().filter(|canary| canary.agreed && canary.kind.is_identifier());
    let mut rows = released.rows.clone();
    for messages in told.flat_map(Canary::conversations) {
        rows.push(Row::made_up(rows.len() as u64, messages));
    }
    Corpus { read_set: released.read_set.clone(), rows }
}

/// Secrets of one kind, of people of one side, in one model.
struct Group {
    kind: SecretKind,
    agreed: bool,
    /// Whether the model learned from the release; otherwise also from the secrets as they were said.
    released: bool,
    /// Whether they must show.
    must_show: bool,
    exposures: Vec<Exposure>,
}

impl Group {
    fn chance(&self) -> f64 {
        joint_chance(&self.exposures)
    }

    fn shows(&self) -> bool {
        self.chance() < CERTAIN
    }

    fn is_as_it_must_be(&self) -> bool {
        self.shows() == self.must_show
    }

    fn firsts(&self) -> usize {
        self.exposures.iter().filter(|exposure| exposure.rank == 1).count()
    }
}

/// Whose secrets are looked for in which model: whether they agreed, whether it learned from the release only, and
/// whether they must show.
fn questions(kind: SecretKind) -> Vec<(bool, bool, bool)> {
    let mut asked = vec![(false, true, false), (true, true, !kind.is_identifier())];
    if kind.is_identifier() {
        asked.push((true, false, true));
    }
    asked
}

fn groups(
    context: &Context,
    arguments: &Arguments,
    canaries: &[Canary],
    (as_released, as_said): (&Model, &Model),
) -> anyhow::Result<Vec<Group>> {
    let bar = context.bar(Unit::Items);
    bar.set_message("ranking the secrets");
    let of =
        |kind, agreed| canaries.iter().filter(move |one: &&Canary| (one.kind, one.agreed) == (kind, agreed));
    let asked: Vec<_> = SecretKind::ALL
        .into_iter()
        .flat_map(|kind| questions(kind).into_iter().map(move |asked| (kind, asked)))
        .collect();
    bar.set_length(asked.iter().map(|(kind, (agreed, ..))| of(*kind, *agreed).count() as u64).sum());
    let mut groups = Vec::new();
    for (kind, (agreed, released, must_show)) in asked {
        let candidates = kind.draw(arguments.seed, "said by nobody", arguments.candidates.into());
        let model = if released { as_released } else { as_said };
        let rank = |canary: &Canary| {
            bar.inc(1);
            exposure(model, &canary.frame(), &canary.secret, &candidates)
        };
        let exposures = of(kind, agreed).map(rank).collect::<Result<_, _>>()?;
        groups.push(Group { kind, agreed, released, must_show, exposures });
    }
    bar.finish_and_clear();
    Ok(groups)
}

fn report(groups: &[Group], released: &Corpus, candidates: u16) -> Report {
    Report {
        title: "Are planted secrets learned?".into(),
        about: format!(
            "A generated vault, a release of {} rows from it, and a model that learned from the release; each secret \
             is ranked among {candidates} others.",
            released.rows.len()
        ),
        sections: vec![
            section("People who refused", METHOD, groups, |group| !group.agreed),
            section(
                "People who agreed: what de-identification is meant to find",
                "The same. The second model learned from the release and from the same conversations with nothing \
                 replaced: it shows that the probe can see what is there.",
                groups,
                |group| group.agreed && group.kind.is_identifier(),
            ),
            section(
                "People who agreed: what it cannot find",
                "The same. New words are what sharing is for. Phrases are secrets without a form: whoever says one to a model \
                 that is trained on it, has told it.",
                groups,
                |group| group.agreed && !group.kind.is_identifier(),
            ),
        ],
        pictures: Vec::new(),
        figures: Value::Array(groups.iter().map(value).collect()),
    }
}

fn section(title: &str, method: &str, groups: &[Group], belongs: impl Fn(&Group) -> bool) -> Section {
    let mut rows =
        vec![row(&["secrets", "learned from", "exposure in bits", "in first place", "chance", ""])];
    let of: Vec<&Group> = groups.iter().filter(|group| belongs(group)).collect();
    for group in &of {
        let from = if group.released { "the release" } else { "as they were said" };
        let verdict = match (group.shows(), group.is_as_it_must_be()) {
            (true, true) => "shows, as it must",
            (false, true) => "at chance, as it must be",
            (true, false) => "SHOWS, AND MUST NOT",
            (false, false) => "DOES NOT SHOW, THOUGH IT MUST: the probe cannot see",
        };
        let bits: Vec<(f64, f64)> = group.exposures.iter().map(|exposure| (exposure.bits(), 1.0)).collect();
        let bits = ratio(&bits).map_or_else(String::new, |figure| shown(&figure));
        let firsts = format!("{} of {}", group.firsts(), group.exposures.len());
        rows.push(row(&[
            group.kind.words(),
            from,
            &bits,
            &firsts,
            &format!("{:.2e}", group.chance()),
            verdict,
        ]));
    }
    let finding = match of.iter().all(|group| group.is_as_it_must_be()) {
        true => "",
        false => "Not as it must be.",
    };
    Section { title: title.into(), method: method.into(), rows, finding: finding.into() }
}

fn value(group: &Group) -> Value {
    json!({
        "kind": group.kind,
        "agreed": group.agreed,
        "learned_from": if group.released { "release" } else { "as-said" },
        "exposures_bits": group.exposures.iter().map(Exposure::bits).collect::<Vec<_>>(),
        "ranks": group.exposures.iter().map(|exposure| exposure.rank).collect::<Vec<_>>(),
        "first_place": share(group.firsts(), group.exposures.len()),
        "chance": group.chance(),
        "shows": group.shows(),
        "must_show": group.must_show,
    })
}
