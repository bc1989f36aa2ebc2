//! The check on what a model says: one person's details do not reach another.
