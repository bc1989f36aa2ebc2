//! Simple features of a text, and a logistic regression on them.

/// How many features there are, the constant included.
pub(crate) const FEATURES: usize = 16;
const ROUNDS: usize = 12;
/// Weight of the penalty on large coefficients.
const RIDGE: f64 = 1e-3;

/// What the model goes by.
pub(crate) fn features(text: &str) -> [f64; FEATURES] {
    let words = words(text);
    let (count, characters) = (words.len().max(1) as f64, text.chars().count().max(1) as f64);
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let ends =
        text.split_inclusive(['.', '!', '?']).filter(|s| s.ends_with(['.', '!', '?'])).count().max(1) as f64;
    let lines: Vec<&str> = text.lines().collect();
    let of = |list: &[&str]| lower.iter().filter(|word| list.contains(&word.as_str())).count() as f64 / count;
    let of_characters = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count() as f64 / characters;
    let bullets =
        lines.iter().filter(|line| line.trim_start().starts_with(['-', '*', '#', '1', '2', '3'])).count();
    let different = lower.iter().collect::<std::collections::BTreeSet<_>>().len() as f64;
    let slips = [" ,", " .", " ?", "  ", " i ", "..", ",,"]
        .iter()
        .map(|slip| text.matches(slip).count())
        .sum::<usize>();
    [
        1.0,
        count.ln(),
        count / ends,
        (1.0 + lines.len() as f64).ln(),
        bullets as f64 / lines.len().max(1) as f64,
        f64::from(u8::from(text.contains("```"))),
        text.matches('?').count() as f64 / ends,
        of(&[
            "i", "me", "my", "you", "your", "please", "can", "could", "help", "want", "need", "write",
            "make", "give",
        ]),
        f64::from(u8::from(text.starts_with(char::is_lowercase))),
        slips as f64 / count,
        of_characters(|c| "“”‘’—–\"".contains(c)),
        of_characters(|c| c == ','),
        characters / count,
        different / count.sqrt(),
        of_characters(|c| c.is_uppercase() || c.is_ascii_digit()),
        of(&["the", "of", "and", "was", "were", "had", "his", "her", "said"]),
    ]
}

/// Runs of letters.
pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’')
        .filter(|word| !word.is_empty())
        .collect()
}

/// A fitted model.
pub(crate) struct Regression {
    mean: [f64; FEATURES],
    spread: [f64; FEATURES],
    coefficients: [f64; FEATURES],
}

impl Regression {
    /// Fits by Newton's method, both classes weighed alike.
    pub(crate) fn fit(examples: &[([f64; FEATURES], bool)]) -> Self {
        let count = examples.len() as f64;
        let of = |at: usize| examples.iter().map(move |(features, _)| features[at]);
        let mut model =
            Self { mean: [0.0; FEATURES], spread: [1.0; FEATURES], coefficients: [0.0; FEATURES] };
        for at in 1..FEATURES {
            let mean = of(at).sum::<f64>() / count;
            model.mean[at] = mean;
            model.spread[at] = (of(at).map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt().max(1e-9);
        }
        let share = examples.iter().filter(|(_, positive)| *positive).count() as f64 / count;
        for _ in 0..ROUNDS {
            let mut slope = model.coefficients.map(|c| c * RIDGE * count);
            let mut curve = [[0.0; FEATURES]; FEATURES];
            (0..FEATURES).for_each(|at| curve[at][at] = RIDGE * count);
            for (features, positive) in examples {
                let x = model.standard(features);
                let score = model.score(features);
                let weight = 0.5 / if *positive { share } else { 1.0 - share };
                for i in 0..FEATURES {
                    slope[i] += weight * (score - f64::from(u8::from(*positive))) * x[i];
                    for j in 0..FEATURES {
                        curve[i][j] += weight * score * (1.0 - score) * x[i] * x[j];
                    }
                }
            }
            let step = solved(curve, slope);
            (0..FEATURES).for_each(|at| model.coefficients[at] -= step[at]);
        }
        model
    }

    /// How likely a text with these features was pasted, if as many are as not.
    pub(crate) fn score(&self, features: &[f64; FEATURES]) -> f64 {
        let x = self.standard(features);
        let sum: f64 = x.iter().zip(&self.coefficients).map(|(x, c)| x * c).sum();
        1.0 / (1.0 + (-sum.clamp(-30.0, 30.0)).exp())
    }

    fn standard(&self, features: &[f64; FEATURES]) -> [f64; FEATURES] {
        std::array::from_fn(|at| (features[at] - self.mean[at]) / self.spread[at])
    }
}

/// Solves a system of equations by elimination.
fn solved(mut matrix: [[f64; FEATURES]; FEATURES], mut right: [f64; FEATURES]) -> [f64; FEATURES] {
    for pivot in 0..FEATURES {
        for row in (0..FEATURES).filter(|row| *row != pivot) {
            let from = matrix[pivot];
            let factor = matrix[row][pivot] / from[pivot];
            matrix[row].iter_mut().zip(from).for_each(|(value, other)| *value -= factor * other);
            right[row] -= factor * right[pivot];
        }
    }
    std::array::from_fn(|at| right[at] / matrix[at][at])
}
