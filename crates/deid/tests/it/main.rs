//! The engine as a whole: laws, and scores on corpora where they are at hand.

#[cfg(test)]
mod checksums;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod harmless;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod lookalikes;
mod naming;
#[cfg(test)]
mod scores;
#[cfg(test)]
mod sensitive;
#[cfg(test)]
mod surrogates;
