//! Laws and known answers of the log's mathematics.

#[cfg(test)]
mod files;
#[cfg(test)]
mod junk;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod sparse;
#[cfg(test)]
mod tiles;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod witnesses;
