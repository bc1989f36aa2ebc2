//! The rules of the project that no compiler holds, as tests: a rule with no check decays.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod files;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod source;
#[cfg(test)]
mod workspace;
