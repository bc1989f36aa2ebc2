//! The portal: the pages on which people see what is kept of theirs, choose, and chat.
//!
//! Pages are written by the server and every action is a form, so that all of it works without scripts. A page shows
//! what the vault decides and never decides itself. It knows no SQL, and reads neither the time of day nor the
//! system's random source: [`Edge`] and [`Entropy`](candor_vault::Entropy) are the caller's.

mod portal;
mod running;
mod server;

mod chat;
mod gateway;

mod settings;

mod assets;
mod form;
mod held;
mod locale;
mod openid;
mod page;
mod refusal;

mod desk;
mod session;
mod sign_in;
mod visitor;

mod check;
mod client;
mod export;
mod guide;
mod kept;
mod leaving;
mod notice;
mod presence;
mod privacy;
mod receipts;
mod standing;
mod status;
mod two_worlds;

pub use export::{WrittenFiles, export_document, export_files, export_page};
pub use guide::{Act, Guide};
pub use portal::{Edge, Open, Portal, PortalError};
pub use running::{Bound, Running};
pub use settings::{LocalPerson, Settings, SettingsError, SignIn, SignedLink, TEMPLATE};
