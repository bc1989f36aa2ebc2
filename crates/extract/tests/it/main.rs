//! Files in, text with places out; and files that mean harm.

#[cfg(test)]
mod files;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod made;
