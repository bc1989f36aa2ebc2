//! Generated conversations and choices.
