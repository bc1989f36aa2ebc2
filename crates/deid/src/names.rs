//! Names of people, places and organisations, addresses, occupations and nationalities, by a trained model.
//!
//! A text is cut into [`tokens`] and sentences; each token has [`features`]; a linear-chain conditional random field
//! (Lafferty, McCallum and Pereira 2001) gives the probability of each label ([`crf`]). Probabilities, not only the
//! best path, so that recall can be bought with a threshold. What the model knows was trained by
//! `cargo xtask train-deid` and lies in `weights/`.

pub mod crf;
pub mod features;
pub mod lexicon;
pub mod tokens;
pub mod train;
pub mod weights;

mod ends;
mod forms;
mod mark;
mod second;

pub use mark::{Mention, Names, Reader};
