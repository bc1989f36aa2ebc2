//! Prototype of training.
use candor_deid::names::{
    Names,
    crf::KINDS,
    lexicon::{Lexicon, entry, word_hash},
    train::{Example, Training, train},
    weights,
};
use std::io::Write;
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let dir = &arguments[1];
    let epochs: usize = arguments[2].parse().unwrap();
    let rate: f32 = arguments[3].parse().unwrap();
    let hidden: f32 = arguments[4].parse().unwrap();
    let decay: f32 = arguments[5].parse().unwrap();
    let generated: f32 = arguments[6].parse().unwrap();
    let silver: f32 = arguments.get(7).map_or(0.0, |x| x.parse().unwrap());
    let mut entries = vec![];
    for line in std::fs::read_to_string(format!("{dir}/lexicon.tsv")).unwrap().lines() {
        let (w, b) = line.split_once('\t').unwrap();
        entries.push(entry(word_hash(w), b.parse().unwrap()));
    }
    entries.sort();
    entries.dedup_by_key(|e| *e >> 12);
    let lexicon = Lexicon::new(entries.iter().copied());
    let mut examples = vec![];
    let mut checks: std::collections::BTreeMap<String, Vec<Example>> = Default::default();
    let mut files = vec![format!("{dir}/rows.jsonl")];
    if silver > 0.0 {
        files.push(format!("{dir}/silver.jsonl"));
    }
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().split('\n').filter(|l| !l.is_empty()) {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = v["text"].as_str().unwrap().to_owned();
            let offs: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            let mut spans: Vec<_> = v["spans"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|s| {
                    let label = s[2].as_str().unwrap();
                    let kind = KINDS.iter().position(|k| k.placeholder_label() == label)?;
                    Some((offs[s[0].as_u64().unwrap() as usize]..offs[s[1].as_u64().unwrap() as usize], kind))
                })
                .collect();
            spans.sort_by_key(|s| s.0.start);
            let source = v["source"].as_str().unwrap().to_owned();
            let weight = match source.as_str() {
                "generated" => generated,
                "silver" => silver,
                _ => 1.0,
            };
            let mut taken = vec![];
            let h = text.bytes().fold(7u64, |h, b| (h ^ b as u64).wrapping_mul(0x100_0000_01b3));
            let check = v["check"].as_bool().unwrap_or(false);
            if !check && (h >> 20) % 6 == 0 {
                let mut i = 0;
                spans.retain(|s| {
                    i += 1;
                    if (h >> (i % 16)) & 1 == 1 {
                        taken.push(s.0.clone());
                        false
                    } else {
                        true
                    }
                });
            }
            let example = Example { text, spans, taken, weight };
            if v["check"].as_bool().unwrap_or(false) {
                checks.entry(source).or_default().push(example)
            } else {
                examples.push(example)
            }
        }
    }
    println!("{} examples {} entries", examples.len(), entries.len());
    let weights = train(&lexicon, &examples, &Training { epochs, rate, decay, hidden, seed: 7 }, |e, l| {
        println!("epoch {e} loss {l:.4}")
    });
    let bytes = weights::write(&weights, &entries);
    std::fs::File::create(format!("{dir}/names.bin")).unwrap().write_all(&bytes).unwrap();
    let names = Names::new(weights::read(&bytes).unwrap());
    for t in [0.5, 0.3, 0.15, 0.08] {
        println!("threshold {t}");
        for (source, rows) in &checks {
            score(&names, source, rows, t);
        }
    }
    let total: usize = examples.iter().map(|e| e.text.len()).sum();
    let now = std::time::Instant::now();
    let n: usize = examples.iter().map(|e| names.mark(&e.text, &[], None, 0.5).len()).sum();
    println!("{n} found, {:.2} MB/s", total as f64 / 1e6 / now.elapsed().as_secs_f64());
    let text: Vec<String> = std::fs::read_to_string("/tmp/deid/oasst.jsonl")
        .map(|t| {
            t.lines()
                .filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok())
                .filter_map(|v| v["text"].as_str().or(v["text_en"].as_str()).map(str::to_owned))
                .collect()
        })
        .unwrap_or_default();
    let total: usize = text.iter().map(String::len).sum();
    let now = std::time::Instant::now();
    let n: usize = text.iter().map(|e| names.mark(e, &[], None, 0.5).len()).sum();
    println!(
        "oasst {} MB {n} found, {:.2} MB/s",
        total as f64 / 1e6,
        total as f64 / 1e6 / now.elapsed().as_secs_f64()
    );
}
fn score(names: &Names, source: &str, rows: &[Example], t: f32) {
    for kind in 0..KINDS.len() {
        let (mut gold, mut found, mut right, mut gc, mut fc, mut rc) = (0, 0, 0, 0, 0, 0);
        for row in rows {
            let g: Vec<_> = row.spans.iter().filter(|s| s.1 == kind).map(|s| s.0.clone()).collect();
            let all = names.mark(&row.text, &[], None, t);
            let f: Vec<_> = all.iter().filter(|m| m.kind == KINDS[kind]).map(|m| m.range.clone()).collect();
            let any: Vec<_> = all.iter().map(|m| m.range.clone()).collect();
            gold += g.len();
            found += f.len();
            right += f.iter().filter(|r| g.contains(r)).count();
            for (i, c) in row.text.char_indices() {
                if !c.is_alphanumeric() {
                    continue;
                }
                let a = g.iter().any(|r| r.contains(&i));
                let b = f.iter().any(|r| r.contains(&i));
                let n = any.iter().any(|r| r.contains(&i));
                gc += a as usize;
                fc += b as usize;
                rc += (a && n) as usize;
                let _ = b;
            }
        }
        if gold < 20 {
            continue;
        }
        let p = right as f64 / found.max(1) as f64;
        let r = right as f64 / gold as f64;
        println!(
            "{source:10} {:14} gold {gold:5} P {p:.3} R {r:.3} F1 {:.3} | charR(any) {:.3} found/gold chars {:.3}",
            KINDS[kind].placeholder_label(),
            2.0 * p * r / (p + r),
            rc as f64 / gc as f64,
            fc as f64 / gc as f64
        );
    }
}
