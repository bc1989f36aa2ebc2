//! Integration tests of the `candor` command: the real binary, on data directories of its own.

#[cfg(test)]
mod breach;
#[cfg(test)]
#[path = "../../../portal/tests/it/browser.rs"]
mod browser;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod corpora;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod deid;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod log;
#[cfg(test)]
mod oasst;
#[cfg(test)]
mod own_files;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod run;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod second_reader;
#[cfg(test)]
mod story;
#[cfg(test)]
mod town;
#[cfg(test)]
mod train;
#[cfg(test)]
mod unknown;
#[cfg(test)]
mod who_agrees;
