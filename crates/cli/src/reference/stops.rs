//! Ending a text before one of the strings that a client named, however the pieces fall.

/// Takes pieces of text and gives what may be told.
pub(crate) struct Stops {
    stops: Vec<String>,
    waiting: String,
}

impl Stops {
    pub(crate) fn new(stops: Vec<String>) -> Self {
        Self { stops, waiting: String::new() }
    }

    /// What may be told after one more piece, and whether a stop came.
    pub(crate) fn take(&mut self, piece: &str) -> (String, bool) {
        self.waiting.push_str(piece);
        let found = self.stops.iter().filter_map(|stop| self.waiting.find(stop.as_str())).min();
        if let Some(at) = found {
            self.waiting.truncate(at);
            return (std::mem::take(&mut self.waiting), true);
        }
        // The beginning of a stop may be at the end.
        let begins = |at: &usize| self.stops.iter().any(|stop| stop.starts_with(&self.waiting[*at..]));
        let boundaries = self.waiting.char_indices().map(|(at, _)| at);
        let keep = boundaries.into_iter().find(|at| begins(at)).unwrap_or(self.waiting.len());
        let rest = self.waiting.split_off(keep);
        (std::mem::replace(&mut self.waiting, rest), false)
    }

    /// What was held back, at the end.
    pub(crate) fn rest(self) -> String {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let mut stops = Stops::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let mut text = String::new();
        for piece in pieces {
            let (more, is_over) = stops.take(piece);
            text += &more;
            if is_over {
                return (text, true);
            }
        }
        (text + &stops.rest(), false)
    }

    #[test]
    fn a_stop_is_found_across_pieces_and_is_not_told() {
        assert_eq!(told(&["END"], &["one E", "N", "D two"]), ("one ".into(), true));
        assert_eq!(told(&["END"], &["one EN", "E"]), ("one ENE".into(), false));
        assert_eq!(told(&["b", "ab"], &["xa", "b"]), ("x".into(), true));
        assert_eq!(told(&[], &["ä", "é"]), ("äé".into(), false));
    }
}
