//! Those of the integration tests that kill commands, with the catalogue in PostgreSQL; see `run.rs`.

#[cfg(test)]
#[path = "../it/crash.rs"]
mod crash;
#[cfg(test)]
#[path = "../it/kill.rs"]
mod kill;
#[cfg(test)]
#[path = "../it/run.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod run;
#[cfg(test)]
#[path = "../it/town.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod town;
