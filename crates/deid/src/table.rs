//! Rows of cells in a text: comma, semicolon or tab separated, or between bars. The first row names the columns.

use std::ops::Range;

/// What parts cells, the least ambiguous first.
const SEPARATORS: [u8; 4] = [b'|', b'\t', b';', b','];
/// The longest row that is read, and the longest table above a row, in bytes.
const ROW_BYTES_MAX: usize = 512;
const TABLE_BYTES_MAX: usize = 8192;

/// For each separator the table that was read last, so that its next row need not look for the first again.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    latest: [Option<Table>; SEPARATORS.len()],
    work: u64,
}

#[derive(Clone, Copy, Debug)]
struct Table {
    /// Where the first row begins.
    head: usize,
    /// Where the row that was asked for last begins.
    row: usize,
}

impl Tables {
    /// The cell of the first row that is above the place `at`, unless `at` stands in no table or in its first row.
    ///
    /// `is_begin`: whether the text begins where a row does.
    pub(crate) fn head(&mut self, text: &str, is_begin: bool, at: usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let row = self.row_start(bytes, is_begin, at)?;
        let before = &bytes[row..at];
        let sort = SEPARATORS.iter().position(|separator| before.contains(separator))?;
        let separator = SEPARATORS[sort];
        let column = before.iter().filter(|byte| **byte == separator).count();
        let head = self.first_row(bytes, is_begin, sort, row)?;
        let mut from = head;
        for _ in 0..column {
            from += self.cell_length(&bytes[from..row], separator)? + 1;
        }
        let rest = &bytes[from..row];
        let end = self.cell_length(rest, separator).or_else(|| memchr::memchr(b'\n', rest));
        Some(from..from + end?)
    }

    /// The bytes read since this was asked last.
    pub(crate) fn take_work(&mut self) -> u64 {
        std::mem::take(&mut self.work)
    }

    fn row_start(&mut self, bytes: &[u8], is_begin: bool, at: usize) -> Option<usize> {
        let least = at.saturating_sub(ROW_BYTES_MAX);
        self.work += (at - least) as u64 / 16;
        match memchr::memrchr(b'\n', &bytes[least..at]) {
            Some(line_feed) => Some(least + line_feed + 1),
            None => (least == 0 && is_begin).then_some(0),
        }
    }

    /// Where the table of a row begins, if that is above the row.
    fn first_row(&mut self, bytes: &[u8], is_begin: bool, sort: usize, row: usize) -> Option<usize> {
        let known = self.latest[sort];
        let mut head = row;
        while head > 0 && row - head < TABLE_BYTES_MAX {
            if let Some(table) = known.filter(|table| table.row == head) {
                head = table.head;
                break;
            }
            let Some(above) = self.row_start(bytes, is_begin, head - 1) else { break };
            self.work += (head - above) as u64;
            if !bytes[above..head].contains(&SEPARATORS[sort]) {
                break;
            }
            head = above;
        }
        self.latest[sort] = Some(Table { head, row });
        (head < row).then_some(head)
    }

    /// The bytes up to the next separator of the same row.
    fn cell_length(&mut self, rest: &[u8], separator: u8) -> Option<usize> {
        let end = memchr::memchr2(separator, b'\n', rest)?;
        self.work += end as u64;
        (rest[end] == separator).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of<'t>(text: &'t str, word: &str) -> Option<&'t str> {
        let at = text.find(word).unwrap();
        Tables::default().head(text, true, at).map(|range| text[range].trim())
    }

    #[test]
    fn a_cell_belongs_to_the_cell_of_the_first_row_above_it() {
        let bars = "See below.\n\n| Name | Phone |\n|---|---|\n| Ann | 12 |\n| Bo | 34 |\n";
        assert_eq!(head_of(bars, "34"), Some("Phone"));
        let commas = "name,phone,mail\nAnn,12,x\nBo,34,y";
        assert_eq!((head_of(commas, "Bo"), head_of(commas, "34")), (None, Some("phone")));
        assert_eq!(head_of(commas, "y"), Some("mail"));
        assert_eq!(head_of("Dear Ann, phone 12,\n34", "34"), None);
        assert_eq!(head_of("a;b\n1;2;3", "3"), None);
    }

    #[test]
    fn reading_all_cells_of_a_long_table_takes_time_in_its_length() {
        let work = |rows: usize| {
            let text = "name;phone\n".to_owned() + &"Ann;12\n".repeat(rows);
            let mut tables = Tables::default();
            let cells = text.match_indices("12").map(|(at, _)| tables.head(&text, true, at).is_some());
            (cells.filter(|found| *found).count(), tables.take_work())
        };
        let (once, twice) = (work(1000), work(2000));
        assert_eq!((once.0, twice.0), (1000, 2000));
        assert!(twice.1 <= 2 * once.1 + once.1 / 8, "{once:?} {twice:?}");
    }
}
