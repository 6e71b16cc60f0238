//! The table of support ends: data, with the page that each date is from and the day on which it
//! was last compared with that page.
//!
//! A version without an end has none announced. A row answers for every version below it (`8` for
//! 8.6), unless a longer row is nearer; not for other words (`provided` for `provided.al2023`).

use std::sync::OnceLock;

use fisc_shared::Error;
use jiff::civil::Date;

/// The table itself; see the header of its columns.
const DATA: &str = include_str!("versions.tsv");

/// The columns, in order.
const HEADER: &str =
    "kind\tname\tversion\tendOfStandardSupport\tendOfExtendedSupport\tsource\tcheckedOn";

/// A version of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// What kind of product: `lambda`, `os` …
    pub(super) kind: &'static str,
    /// The product.
    pub(super) name: &'static str,
    /// The version, or what its versions begin with.
    pub(super) version: &'static str,
    /// When support ends; none announced otherwise.
    pub(super) standard: Option<Date>,
    /// When paid support ends, where there is any.
    pub(super) extended: Option<Date>,
    /// The page that says so.
    pub(super) source: &'static str,
    /// When the row was last compared with the page.
    pub(super) checked: Date,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// The bundled table, parsed once.
    ///
    /// # Errors
    /// When a row cannot be read; a test keeps that from happening.
    pub(super) fn bundled() -> Result<&'static Self, Error> {
        static TABLE: OnceLock<Result<Table, String>> = OnceLock::new();
        let table = TABLE.get_or_init(|| Self::parse(DATA));
        table.as_ref().map_err(|problem| Error::Control(format!("the version table: {problem}")))
    }

    fn parse(data: &'static str) -> Result<Self, String> {
        let mut lines = data.lines();
        if lines.next() != Some(HEADER) {
            return Err("the header is another one".to_owned());
        }
        let rows = lines.map(|line| row(line).ok_or_else(|| format!("unreadable row {line:?}")));
        Ok(Self { rows: rows.collect::<Result<_, _>>()? })
    }

    /// The row of a version: the longest one that the version begins with.
    #[must_use]
    pub(super) fn find(&self, kind: &str, name: &str, version: &str) -> Option<&Row> {
        self.of(kind)
            .filter(|row| row.name == name && is_below(version, row.version))
            .max_by_key(|row| row.version.len())
    }

    /// All rows of a kind.
    pub(super) fn of(&self, kind: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }

    /// The day since which no row of a kind was left unchecked.
    #[must_use]
    pub(super) fn checked(&self, kind: &str) -> Option<Date> {
        self.of(kind).map(|row| row.checked).min()
    }
}

/// Whether a version is that of a row, or one with more numbers.
fn is_below(version: &str, row: &str) -> bool {
    let more = |rest: &str| rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(numeric));
    version.strip_prefix(row).is_some_and(|rest| rest.is_empty() || more(rest))
}

fn numeric(c: char) -> bool {
    c.is_ascii_digit()
}

/// Whether a version is the given one or one below it: 8.6 begins with 8, 80 does not.
#[must_use]
pub(super) fn begins(version: &str, with: &str) -> bool {
    version.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn row(line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let (kind, name, version) = (next()?, next()?, next()?);
    let (standard, extended) = (date(next()?)?, date(next()?)?);
    let (source, checked) = (next()?, next()?.parse().ok()?);
    let whole = fields.next().is_none();
    whole.then_some(Row { kind, name, version, standard, extended, source, checked })
}

/// A day or, where the field is empty, none.
fn date(text: &str) -> Option<Option<Date>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, ToSpan, tz::TimeZone};

    use super::*;

    #[test]
    fn every_row_is_whole_sorted_and_there_once() {
        let table = Table::parse(DATA).unwrap();
        assert!(table.rows.len() > 150);
        let key = |row: &Row| (row.kind, row.name, row.version);
        for pair in table.rows.windows(2) {
            assert!(key(&pair[0]) < key(&pair[1]), "{:?} before {:?}", pair[0], pair[1]);
        }
        for row in &table.rows {
            assert!(
                [row.kind, row.name, row.version].iter().all(|text| !text.is_empty()),
                "{row:?}"
            );
            let (_, host) = row.source.split_once("https://").expect(row.source);
            assert!(host.contains('.') && !host.contains(char::is_whitespace), "{row:?}");
            assert!(row.checked >= "2026-08-01".parse().unwrap(), "{row:?}");
            if let Some(extended) = row.extended {
                assert!(row.standard.is_some_and(|standard| standard < extended), "{row:?}");
            }
        }
    }

    /// Not a test of the code: it tells whoever releases the project that the data is old. Compare
    /// every row with its source, and set `checkedOn`.
    #[test]
    fn the_data_is_younger_than_a_year() {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        for row in &Table::parse(DATA).unwrap().rows {
            assert!(row.checked + 1.year() > today, "check this row again: {row:?}");
            assert!(row.checked <= today, "checked in the future: {row:?}");
        }
    }

    #[test]
    fn the_longest_beginning_answers() {
        let table = Table::bundled().unwrap();
        let found = |kind, name, version| table.find(kind, name, version).map(|row| row.version);
        assert_eq!(found("os", "rhel", "8.6"), Some("8"));
        assert_eq!(found("os", "rhel", "80"), None);
        assert_eq!(found("os", "windows-server", "2012 r2"), Some("2012 r2"));
        assert_eq!(found("lambda", "lambda", "provided.al2023"), Some("provided.al2023"));
        // The first runtime of its name is another one.
        assert_eq!(found("lambda", "lambda", "provided.al2"), Some("provided.al2"));
        // A runtime to come is not the ended one whose name it begins with.
        assert_eq!(found("lambda", "lambda", "provided.al2030"), None);
        assert_eq!(found("elasticache", "redis", "5.0.6"), Some("5"));
        assert_eq!(found("elasticache", "memcached", "1.6.22"), None);
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for data in [
            "",
            "kind\tname\n",
            "kind\tname\tversion\tendOfStandardSupport\tendOfExtendedSupport\tsource\tcheckedOn\nos\ta\t1\t\t\tx",
            "kind\tname\tversion\tendOfStandardSupport\tendOfExtendedSupport\tsource\tcheckedOn\nos\ta\t1\tsoon\t\tx\t2026-01-01",
            "kind\tname\tversion\tendOfStandardSupport\tendOfExtendedSupport\tsource\tcheckedOn\nos\ta\t1\t\t\tx\t2026-01-01\ty",
        ] {
            assert!(Table::parse(data).is_err(), "{data}");
        }
    }
}
