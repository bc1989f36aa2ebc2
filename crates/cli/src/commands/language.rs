//! The language that a text is in, by its letters and their runs.

/// What stands for a language that a text does not tell for certain.
const NOT_CERTAIN: &str = "(not certain)";

/// The English name of a text's language.
pub(crate) fn language_of(text: &str) -> &'static str {
    let told = whatlang::detect(text).filter(whatlang::Info::is_reliable);
    told.map_or(NOT_CERTAIN, |info| info.lang().eng_name())
}
