//! Everything that a reader is given from outside: good files, corpora, and hostile input.

#[cfg(test)]
mod corpora;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod support;
