//! Probes see what is there: on a model that was made to memorise they must find it, on one that saw nothing they must
//! not.

use std::ops::ControlFlow;

use candor_learn::probe::{
    Case, Frame, Loop, Mixture, SecretKind, exposure, gains, generations, joint_chance, membership, verbatim,
};
use candor_learn::{Corpus, Model, ModelShape, Plan, Row, Trained, train};
use tempfile::TempDir;

use crate::town::{corpus, message, plan};

fn trained(corpus: &Corpus, plan: &Plan) -> Model {
    let folder = TempDir::new().unwrap();
    let trained = train(corpus, plan, None, folder.path(), &mut |_| ControlFlow::Continue(())).unwrap();
    match trained {
        Trained::Finished(model) => *model,
        Trained::Stopped => unreachable!(),
    }
}

/// Rows with words that nothing else foretells.
fn noise(rows: usize, phrases: usize) -> Corpus {
    let secrets = SecretKind::Phrase.draw(1, "noise", rows * phrases);
    let row = |number: usize| {
        let said = secrets[number * phrases..][..phrases].join(" ");
        Row::made_up(number as u64, vec![message("user", &said)])
    };
    Corpus { rows: (0..rows).map(row).collect(), ..corpus(1) }
}

fn split(corpus: &Corpus) -> (Vec<&Row>, Vec<&Row>) {
    corpus.rows.iter().partition(|row| row.number.is_multiple_of(2))
}

fn of(rows: &[&Row]) -> Corpus {
    Corpus { rows: rows.iter().map(|row| (*row).clone()).collect(), ..corpus(1) }
}

/// Learns its few rows many times over.
fn memoriser(rows: &Corpus) -> Model {
    let shape = ModelShape { context: 96, ..ModelShape::new(500, 64, 2) };
    trained(rows, &Plan { held_out_percent: 0, steps: 150, shape, ..Plan::new(rows, 3) })
}

#[test]
fn a_model_made_to_memorise_is_caught_and_an_untrained_one_is_not() {
    let noise = noise(24, 12);
    let (members, strangers) = split(&noise);
    let memoriser = memoriser(&of(&members));
    let told = membership(&memoriser, &members, &strangers).unwrap().unwrap();
    assert!(told.by_loss.low > 0.8 && told.by_loss_over_zlib.low > 0.8, "{told:?}");
    let drawn = verbatim(&memoriser, &members, &strangers).unwrap().unwrap();
    assert!(drawn.learned.low > 0.5 && drawn.not_learned.value == 0.0, "{drawn:?}");

    let shape = memoriser.card().plan.shape;
    let members_only = of(&members);
    let plan = Plan { held_out_percent: 0, steps: 0, shape, ..Plan::new(&members_only, 3) };
    let untrained = trained(&members_only, &plan);
    let told = membership(&untrained, &members, &strangers).unwrap().unwrap();
    assert!(told.by_loss_over_zlib.low < 0.5 && told.by_loss_over_zlib.high > 0.5, "{told:?}");
    let drawn = verbatim(&untrained, &members, &strangers).unwrap().unwrap();
    assert_eq!((drawn.given_back, drawn.learned.value), (0, 0.0));
}

#[test]
fn a_secret_that_was_learned_ranks_first_and_one_that_was_not_stands_anywhere() {
    let kind = SecretKind::Card;
    let (said, unsaid) = (kind.draw(1, "said", 6), kind.draw(1, "unsaid", 6));
    let row = |(number, secret): (usize, &String)| {
        let text = format!("My card is {secret}, is it blocked?");
        Row::made_up(number as u64, vec![message("user", &text)])
    };
    let rows = Corpus { rows: said.iter().enumerate().map(row).collect(), ..corpus(1) };
    let model = memoriser(&rows);
    let candidates = kind.draw(1, "nobody", 255);
    let frame = Frame { before: Vec::new(), role: "user".into(), lead: "My card is ".into() };
    let ranks = |secrets: &[String]| -> Vec<_> {
        secrets.iter().map(|secret| exposure(&model, &frame, secret, &candidates).unwrap()).collect()
    };
    let (said, unsaid) = (ranks(&said), ranks(&unsaid));
    assert!(said.iter().all(|exposure| exposure.rank <= 3), "{said:?}");
    assert!(joint_chance(&said) < 1e-6 && joint_chance(&unsaid) > 0.001, "{unsaid:?}");
}

#[test]
fn learning_gains_on_people_who_were_kept_out() {
    let corpus = corpus(80);
    let (learned, kept_out) = split(&corpus);
    let learned = of(&learned);
    let plan = Plan { held_out_percent: 0, ..plan(&learned, 60) };
    let (before, after) = (trained(&learned, &Plan { steps: 0, ..plan }), trained(&learned, &plan));
    let case = |row: &&'_ Row| (row.number as usize / 8, row.number);
    let cases: Vec<Case<'_>> = kept_out
        .iter()
        .map(|row| Case {
            row,
            person: Some(case(row).0),
            language: if case(row).1 % 16 < 8 { "even" } else { "odd" },
            topic: "one",
        })
        .collect();
    let [before, after] = [before, after].map(|model| model.likelihoods(&kept_out).unwrap());
    let found = gains(&before, &after, &cases).unwrap();
    assert_eq!((found.all.gain.cases, found.all.rows), (10, 40));
    assert!(found.all.gain.low > 0.2, "{found:?}");
    assert_eq!(found.by_language.keys().collect::<Vec<_>>(), ["even", "odd"]);
    assert_eq!(found.by_topic["one"].gain, found.all.gain);
    // Nothing is gained by standing still, and nothing is told of one person.
    let still = gains(&after, &after, &cases).unwrap();
    assert_eq!((still.all.gain.value, still.all.gain.high), (0.0, 0.0));
    assert!(gains(&before, &after, &cases[..4]).is_none());
}

#[test]
fn generations_that_learn_from_themselves_lose_rare_words_and_people_hold_them() {
    let corpus = noise(120, 6);
    let shape = ModelShape { context: 64, ..ModelShape::new(400, 32, 2) };
    let plan = Plan { held_out_percent: 10, steps: 120, shape, ..Plan::new(&corpus, 5) };
    let folder = TempDir::new().unwrap();
    let run = Loop { corpus: &corpus, plan, count: 2, folder: folder.path() };
    let told = generations(&run, &mut |_, _| ControlFlow::Continue(())).unwrap().unwrap();
    assert_eq!(told.len(), 6);
    let of = |mixture: Mixture| {
        let of = told.iter().filter(move |one| one.mixture == mixture);
        of.map(|one| one.held_out.value).collect::<Vec<_>>()
    };
    let (own, with_people) = (of(Mixture::OwnOutput), of(Mixture::WithPeople));
    assert_eq!(own[0], with_people[0]);
    assert!(own[2] > own[0] && own[2] > with_people[2], "{own:?} {with_people:?}");
    // It goes on from its checkpoints to the same figures.
    let again = generations(&run, &mut |_, _| ControlFlow::Continue(())).unwrap().unwrap();
    assert!(again.iter().zip(&told).all(|(a, b)| a.held_out == b.held_out && a.language == b.language));
    // Stopped, it says so.
    let fresh = Loop { folder: &folder.path().join("fresh"), ..run };
    assert!(generations(&fresh, &mut |_, _| ControlFlow::Break(())).unwrap().is_none());
}
