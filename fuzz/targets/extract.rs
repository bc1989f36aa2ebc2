//! Files: any bytes are read or refused, within limits, and what is read says something.

#![no_main]

use candor_extract::{Limits, read_within};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits { unpacked_bytes_max: 8 << 20, text_bytes_max: 1 << 20, ..Limits::standard() };
    if let Ok(read) = read_within(input, &limits) {
        let text = read.text();
        assert!(text.chars().any(char::is_alphanumeric));
        assert!(read.parts.iter().map(|part| part.text.len()).sum::<usize>() <= limits.text_bytes_max);
    }
});
