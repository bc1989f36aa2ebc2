//! Files in, text with places out; and files that mean harm.

mod files;
mod hostile;
mod made;
