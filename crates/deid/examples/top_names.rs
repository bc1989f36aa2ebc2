use candor_deid::names::Names;
use std::collections::HashMap;
fn main() {
    let names = Names::built_in().unwrap();
    let mut c: HashMap<(String, String), usize> = HashMap::new();
    let t: f32 = std::env::args().nth(1).unwrap().parse().unwrap();
    let text = std::fs::read_to_string("/tmp/deid/oasst.jsonl").unwrap();
    for l in text.split('\n').filter(|l| !l.is_empty()).step_by(4) {
        let v: serde_json::Value = serde_json::from_str(l).unwrap();
        let s = v["text_en"].as_str().unwrap();
        for m in names.mark(s, &[], None, t) {
            *c.entry((format!("{:?}", m.kind), s[m.range].to_owned())).or_default() += 1;
        }
    }
    for kind in ["Person", "Location", "Organisation", "Address", "Title", "Group"] {
        let mut v: Vec<_> = c.iter().filter(|((k, _), _)| k == kind).collect();
        v.sort_by_key(|(k, n)| (std::cmp::Reverse(**n), k.1.clone()));
        let total: usize = v.iter().map(|x| *x.1).sum();
        println!(
            "{kind} {total}: {}",
            v.iter().take(70).map(|((_, s), n)| format!("{s} {n}")).collect::<Vec<_>>().join(", ")
        );
        println!(
            "  rare: {}",
            v.iter()
                .filter(|x| *x.1 == 1)
                .step_by(29)
                .take(50)
                .map(|((_, s), _)| s.replace('\n', "\\n"))
                .collect::<Vec<_>>()
                .join(" | ")
        );
    }
}
