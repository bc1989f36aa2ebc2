//! What training gives does not depend on anything but release, plan and seed.

use std::ops::ControlFlow;
use std::path::Path;

use candor_learn::{Corpus, Finish, Model, Plan, Sampling, TrainError, Trained, artifact, train};
use rayon::ThreadPoolBuilder;
use tempfile::TempDir;

use crate::town::{corpus, message, plan};

fn finish(corpus: &Corpus, plan: &Plan, base: Option<&Model>, folder: &Path) -> Model {
    match train(corpus, plan, base, folder, &mut |_| ControlFlow::Continue(())).unwrap() {
        Trained::Finished(model) => *model,
        Trained::Stopped => panic!("the run stopped"),
    }
}

fn trained(corpus: &Corpus, plan: &Plan, base: Option<&Model>) -> Model {
    finish(corpus, plan, base, TempDir::new().unwrap().path())
}

/// The digest of the model's numbers, as its folder says it.
fn digest(model: &Model) -> String {
    let folder = TempDir::new().unwrap();
    artifact::write(model, &folder.path().join("model"), None).unwrap().weights_sha256
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads_and_another_seed_gives_others() {
    let corpus = corpus(60);
    let plan = plan(&corpus, 6);
    let with_threads = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| digest(&trained(&corpus, &plan, None)))
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(5));
    assert_ne!(one, digest(&trained(&corpus, &Plan { seed: 8, ..plan }, None)));
}

#[test]
fn a_run_that_stops_at_any_step_goes_on_to_the_same_bytes() {
    let corpus = corpus(60);
    let plan = plan(&corpus, 30);
    let whole = digest(&trained(&corpus, &plan, None));
    for stops in [vec![1], vec![25], vec![4, 26, 29]] {
        let folder = TempDir::new().unwrap();
        for stop in stops {
            let stopped = train(&corpus, &plan, None, folder.path(), &mut |progress| {
                if progress.step == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert!(matches!(stopped.unwrap(), Trained::Stopped));
        }
        assert_eq!(whole, digest(&finish(&corpus, &plan, None, folder.path())));
    }
}

#[test]
fn the_checkpoint_of_another_run_is_not_taken_for_this_one() {
    let corpus = corpus(60);
    let plan = plan(&corpus, 4);
    let folder = TempDir::new().unwrap();
    let other = Plan { seed: 99, ..plan };
    let stopped = train(&corpus, &other, None, folder.path(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped.unwrap(), Trained::Stopped));
    let expected = digest(&trained(&corpus, &plan, None));
    assert_eq!(expected, digest(&finish(&corpus, &plan, None, folder.path())));
}

#[test]
fn a_damaged_checkpoint_stops_the_run() {
    let corpus = corpus(60);
    let plan = plan(&corpus, 4);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("checkpoint.safetensors"), b"torn").unwrap();
    let stopped = train(&corpus, &plan, None, folder.path(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(stopped.map(drop).unwrap_err(), TrainError::Damaged(_)));
}

#[test]
fn training_lowers_the_loss_on_rows_that_were_kept_out_of_it() {
    let corpus = corpus(200);
    let plan = Plan { held_out_percent: 20, ..plan(&corpus, 60) };
    let model = trained(&corpus, &plan, None);
    let facts = model.card().facts;
    assert!(facts.rows_learned < facts.rows_read);
    let (before, after) = (facts.held_out_before.unwrap(), facts.held_out_after.unwrap());
    assert!(after < before / 2.0, "from {before} to {after} bits per byte");
    assert!(facts.loss_last < facts.loss_first);
}

#[test]
fn what_is_repeated_often_enough_is_said_again_and_a_reply_is_the_same_for_the_same_seed() {
    let mut corpus = corpus(40);
    for row in &mut corpus.rows {
        row.messages =
            vec![message("user", "Who keeps the rain out?"), message("assistant", "The blue snorkelwump.")];
    }
    let plan = Plan { held_out_percent: 0, ..plan(&corpus, 60) };
    let model = trained(&corpus, &plan, None);
    let asked = [message("user", "Who keeps the rain out?")];
    let sampling = Sampling { seed: 1, temperature: 0.0, top_k: 0, tokens_max: 20 };
    let mut pieces = String::new();
    let reply = model
        .reply(&asked, &sampling, &mut |piece| {
            pieces.push_str(piece);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("The blue snorkelwump.", Finish::EndOfTurn));
    assert_eq!(pieces, reply.text);
    let warm = Sampling { temperature: 1.5, ..sampling };
    let say =
        |sampling: &Sampling| model.reply(&asked, sampling, &mut |_| ControlFlow::Continue(())).unwrap().text;
    assert_eq!(say(&warm), say(&warm));
    let stopped = model.reply(&asked, &sampling, &mut |_| ControlFlow::Break(())).unwrap();
    assert_eq!(stopped.finish, Finish::Stopped);
    let short = Sampling { tokens_max: 2, ..sampling };
    let cut = model.reply(&asked, &short, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((cut.finish, cut.reply_tokens), (Finish::Length, 2));
}

#[test]
fn a_conversation_longer_than_the_model_sees_loses_its_front_and_is_scored_whole() {
    let corpus = corpus(60);
    let model = trained(&corpus, &plan(&corpus, 2), None);
    let long: Vec<_> =
        (0..30).map(|_| message("user", "How do I mend a lamp when it is day four?")).collect();
    let sampling = Sampling { seed: 1, temperature: 1.0, top_k: 5, tokens_max: 10 };
    let reply = model.reply(&long, &sampling, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(reply.prompt_tokens, 48 - 10);
    let (whole, last) = (model.likelihood(&long, 0).unwrap(), model.likelihood(&long, 29).unwrap());
    assert_eq!(whole.bytes, 30 * last.bytes);
    assert_eq!(whole.tokens, 30 * last.tokens);
    assert!(whole.nats > 20.0 * last.nats, "{whole:?} {last:?}");
}

#[test]
fn a_model_that_goes_on_keeps_its_vocabulary_and_remembers_what_it_read_before() {
    let first = corpus(60);
    let base = trained(&first, &plan(&first, 4), None);
    let mut second = corpus(80);
    second.read_set.release = "second".into();
    let fine = Plan { steps: 4, ..Plan::fine_tuning(&second, &base, 3) };
    let model = trained(&second, &fine, Some(&base));
    assert_eq!(model.card().plan.shape, base.card().plan.shape);
    let names: Vec<_> = model.card().read_sets.iter().map(|set| set.release.as_str()).collect();
    assert_eq!(names, ["made-up", "second"]);
    assert_ne!(digest(&model), digest(&base));
}

#[test]
fn a_row_with_a_sampling_of_nothing_is_listed_and_teaches_nothing_whatever_it_says() {
    let saying = |text: &str, sampling_permille| {
        let mut corpus = corpus(60);
        for row in &mut corpus.rows[7..9] {
            row.messages[0].content = text.into();
            row.sampling_permille = sampling_permille;
        }
        let plan = Plan { held_out_percent: 0, ..plan(&corpus, 6) };
        trained(&corpus, &plan, None)
    };
    let model = saying("A snorkelwump, pasted.", 0);
    assert_eq!(digest(&model), digest(&saying("Another text, of another length altogether.", 0)));
    assert_ne!(digest(&model), digest(&saying("A snorkelwump, pasted.", 1_000)));
    let facts = model.card().facts;
    assert_eq!((facts.rows_read, facts.rows_learned, facts.rows_never_drawn()), (60, 58, 2));
}

#[test]
fn a_run_over_rows_that_are_drawn_now_and_then_goes_on_to_the_same_bytes() {
    let mut corpus = corpus(60);
    corpus.rows.iter_mut().for_each(|row| row.sampling_permille = 150 * (row.number as u32 % 6));
    let plan = plan(&corpus, 30);
    let whole = digest(&trained(&corpus, &plan, None));
    let folder = TempDir::new().unwrap();
    for stop in [3, 29] {
        let stopped = train(&corpus, &plan, None, folder.path(), &mut |progress| {
            if progress.step == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(stopped.unwrap(), Trained::Stopped));
    }
    assert_eq!(whole, digest(&finish(&corpus, &plan, None, folder.path())));
}

#[test]
fn a_role_without_a_mark_is_named_and_a_corpus_without_rows_to_draw_teaches_nothing() {
    let corpus = corpus(60);
    let model = trained(&corpus, &plan(&corpus, 1), None);
    let refused = model.likelihood(&[message("narrator", "once")], 0).unwrap_err();
    assert!(refused.to_string().starts_with("no turn speaks as `narrator`"), "{refused}");
    let mut pasted = corpus.clone();
    pasted.rows.iter_mut().for_each(|row| row.sampling_permille = 0);
    let plan = plan(&corpus, 1);
    for (corpus, held_out_percent) in [(&corpus, 100), (&pasted, 5)] {
        let plan = Plan { held_out_percent, ..plan };
        let folder = TempDir::new().unwrap();
        let refused = train(corpus, &plan, None, folder.path(), &mut |_| ControlFlow::Continue(()));
        assert!(matches!(refused.map(drop).unwrap_err(), TrainError::NothingLeft));
    }
}
