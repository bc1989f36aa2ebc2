//! Streams of events: any bytes, cut anywhere, are read and passed on the same as in one piece.
//!
//! The first bytes say where the rest is cut.

#![no_main]

use candor_wire::edit::{StreamEditor, TextFilter};
use candor_wire::reply::ReplyReader;
use candor_wire::surface::Surface;
use libfuzzer_sys::fuzz_target;

/// Changes nothing.
struct Same;

impl TextFilter for Same {
    fn push(&mut self, text: &str) -> String {
        text.to_owned()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

const SURFACES: [Surface; 4] = [Surface::Chat, Surface::Responses, Surface::Messages, Surface::Completions];

fuzz_target!(|input: &[u8]| {
    let Some((&[surface, width], stream)) = input.split_first_chunk::<2>() else { return };
    let surface = SURFACES[surface as usize % SURFACES.len()];
    let pieces = stream.chunks(width.max(1) as usize);
    let (mut whole, mut cut) = (StreamEditor::new(surface, |_| Same), StreamEditor::new(surface, |_| Same));
    let mut out = whole.push(stream);
    out.extend(whole.finish());
    let mut cut_out: Vec<u8> = pieces.clone().flat_map(|piece| cut.push(piece)).collect();
    cut_out.extend(cut.finish());
    assert_eq!(out, cut_out, "an editor passes on the same however a stream is cut");
    let limit = 1 << 20;
    let (mut whole, mut cut) =
        (ReplyReader::new(surface, true, limit), ReplyReader::new(surface, true, limit));
    whole.push(stream);
    pieces.for_each(|piece| cut.push(piece));
    let (whole, cut) = (whole.finish(false), cut.finish(false));
    assert_eq!(whole.choices, cut.choices, "an answer is read the same however it is cut");
    assert_eq!(whole.complete, cut.complete);
});
