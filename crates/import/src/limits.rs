//! How much a reader may hold and do; everything read from outside is bounded by one of these.

/// Bytes of source text in one batch.
pub const BATCH_BYTES: usize = 16 << 20;
/// Values in one batch, however short they are.
pub const BATCH_VALUES: usize = 1 << 16;
/// Most bytes of one top-level value: a conversation, or a line.
pub const VALUE_BYTES_MAX: usize = 64 << 20;
/// Most bytes of rows that wait for the rest of their tree.
pub const OPEN_TREE_BYTES_MAX: usize = 4 << 20;
/// Most trees that wait for more rows.
pub const OPEN_TREES_MAX: usize = 1024;
/// Most bytes that all streams of one compressed file may expand to.
pub const EXPANDED_BYTES_MAX: u64 = 64 << 30;
/// Most bytes that one compressed byte may expand to, beyond [`EXPANDED_FLOOR_BYTES`].
pub const EXPANDED_RATIO_MAX: u64 = 200;
/// Expansion up to this many bytes is never refused for its ratio.
pub const EXPANDED_FLOOR_BYTES: u64 = 16 << 20;
/// Most entries of one archive.
pub const ENTRIES_MAX: usize = 100_000;
/// Most bytes of a compressed archive inside an archive: it has to be held to be read.
pub const NESTED_ARCHIVE_BYTES_MAX: u64 = 64 << 20;
/// Most files under the paths that were named.
pub const FILES_MAX: usize = 1_000_000;
/// Deepest folder that is entered, counted from the path that was named.
pub const FOLDER_DEPTH_MAX: usize = 64;

/// The limits of a reader. Every field has a named default; tests make them small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`BATCH_BYTES`].
    pub batch_bytes: usize,
    /// See [`BATCH_VALUES`].
    pub batch_values: usize,
    /// See [`VALUE_BYTES_MAX`].
    pub value_bytes_max: usize,
    /// See [`OPEN_TREE_BYTES_MAX`].
    pub open_tree_bytes_max: usize,
    /// See [`OPEN_TREES_MAX`].
    pub open_trees_max: usize,
    /// See [`EXPANDED_BYTES_MAX`].
    pub expanded_bytes_max: u64,
    /// See [`EXPANDED_RATIO_MAX`].
    pub expanded_ratio_max: u64,
    /// See [`EXPANDED_FLOOR_BYTES`].
    pub expanded_floor_bytes: u64,
    /// See [`ENTRIES_MAX`].
    pub entries_max: usize,
    /// See [`NESTED_ARCHIVE_BYTES_MAX`].
    pub nested_archive_bytes_max: u64,
    /// See [`FILES_MAX`].
    pub files_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_bytes: BATCH_BYTES,
            batch_values: BATCH_VALUES,
            value_bytes_max: VALUE_BYTES_MAX,
            open_tree_bytes_max: OPEN_TREE_BYTES_MAX,
            open_trees_max: OPEN_TREES_MAX,
            expanded_bytes_max: EXPANDED_BYTES_MAX,
            expanded_ratio_max: EXPANDED_RATIO_MAX,
            expanded_floor_bytes: EXPANDED_FLOOR_BYTES,
            entries_max: ENTRIES_MAX,
            nested_archive_bytes_max: NESTED_ARCHIVE_BYTES_MAX,
            files_max: FILES_MAX,
        }
    }
}
