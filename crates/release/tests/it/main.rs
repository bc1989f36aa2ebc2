//! Integration tests of the release crate.

#[cfg(test)]
mod builds;
mod copies;
mod corpora;
mod dedup;
#[cfg(test)]
mod language;
#[cfg(test)]
mod oracle;
mod peer;
mod pipeline;
#[cfg(test)]
mod recall;
#[cfg(test)]
mod second_look;
#[cfg(test)]
mod sensitive;
#[cfg(test)]
mod surrogates;
#[cfg(test)]
mod tampering;
