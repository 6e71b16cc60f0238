//! The formats read back.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;

/// Counts in the order of every format: fails, error, not evaluated, exempt, passes, n/a.
pub(crate) type Counts = [usize; 6];

/// What a format says: the counts of every criterion, of all results, and the failing resources
/// by control.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    pub(crate) criteria: Vec<(String, Counts)>,
    pub(crate) total: Counts,
    pub(crate) failing: BTreeMap<(String, String), usize>,
    pub(crate) exempt: usize,
}

pub(crate) const NAMES: [&str; 6] =
    ["nonCompliant", "errors", "notEvaluated", "exempt", "compliant", "notApplicable"];

pub(crate) fn counts_of(value: &Value) -> Counts {
    NAMES.map(|name| usize::try_from(value[name].as_u64().unwrap()).unwrap())
}

pub(crate) fn of_json(text: &str) -> Read {
    let json: Value = serde_json::from_str(text).unwrap();
    let criteria = json["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["number"].as_str().unwrap().to_owned(), counts_of(&one["resources"])));
    let rows = json["evaluations"].as_array().unwrap();
    let mut failing = BTreeMap::new();
    for row in rows.iter().filter(|row| row["compliance"] == "NON_COMPLIANT") {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        *failing.entry((text("control"), text("resourceId"))).or_default() += 1;
    }
    Read {
        criteria: criteria.collect(),
        total: counts_of(&json["summary"]),
        failing,
        exempt: rows.iter().filter(|row| !row["exemption"].is_null()).count(),
    }
}

pub(crate) fn of_csv(text: &str) -> Read {
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let level = |name: &'static str| rows.iter().filter(move |row| &row[0] == name);
    let counts = |row: &csv::StringRecord| -> Counts {
        std::array::from_fn(|at| row[18 + at].parse().unwrap())
    };
    let mut total = [0; 6];
    // A control stands in several criteria with the same counts.
    let controls: BTreeMap<String, Counts> =
        level("control").map(|row| (row[6].to_owned(), counts(row))).collect();
    for counts in controls.values() {
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let mut failing = BTreeMap::new();
    for row in level("finding").filter(|row| &row[9] == "NON_COMPLIANT") {
        *failing.entry((row[6].to_owned(), row[11].to_owned())).or_default() += 1;
    }
    Read {
        criteria: level("criterion").map(|row| (row[1].to_owned(), counts(row))).collect(),
        total,
        failing,
        exempt: level("finding").filter(|row| &row[9] == "EXEMPT").count(),
    }
}

pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{tag}"));
    rest.split_once('"').unwrap().0
}

pub(crate) fn numbers(text: &str) -> Counts {
    let mut parts = text.split(',').map(|count| count.parse().unwrap());
    let counts = std::array::from_fn(|_| parts.next().unwrap());
    assert_eq!(parts.next(), None);
    counts
}

/// The opening tags of this name with this attribute.
pub(crate) fn tags<'a>(html: &'a str, name: &str, with: &str) -> Vec<&'a str> {
    let (open, with) = (format!("<{name} "), format!(" {with}=\""));
    let tags = html.split(open.as_str()).skip(1).map(|rest| rest.split_once('>').unwrap().0);
    // The name was cut off with its space.
    tags.filter(|tag| format!(" {tag}").contains(&with)).collect()
}

pub(crate) fn of_html(html: &str) -> Read {
    let criteria = tags(html, "tbody", "data-criterion").into_iter().map(|tag| {
        let number = attribute(tag, "data-criterion").to_owned();
        (number, numbers(attribute(tag, "data-counts")))
    });
    let mut failing = BTreeMap::new();
    let (_, section) = html.split_once("<section id=\"failures\">").unwrap();
    for article in section.split("<article id=\"c-").skip(1) {
        let control = article.split_once('"').unwrap().0;
        let (body, _) = article.split_once("</article>").unwrap();
        for row in body.split("<tr id=\"f").skip(1) {
            let (_, id) = row.split_once("<span class=\"id\">").unwrap();
            let id = id.split_once("</span>").unwrap().0.to_owned();
            *failing.entry((control.to_owned(), id)).or_default() += 1;
        }
    }
    Read {
        criteria: criteria.collect(),
        total: numbers(attribute(
            &format!(" {}", tags(html, "table", "data-counts")[0]),
            "data-counts",
        )),
        failing,
        exempt: tags(html, "tr", "data-exempt").len(),
    }
}

pub(crate) fn cell(row: &[Data], at: usize) -> usize {
    match &row[at] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
        Data::Float(number) => *number as usize,
        other => panic!("{other:?} is no number"),
    }
}

pub(crate) fn rows(
    book: &mut Xlsx<impl std::io::Read + std::io::Seek>,
    sheet: &str,
) -> Vec<Vec<Data>> {
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().skip(1).map(<[Data]>::to_vec).collect()
}

pub(crate) fn of_xlsx(path: &Path) -> Read {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let six =
        |row: &[Data], from: usize| -> Counts { std::array::from_fn(|at| cell(row, from + at)) };
    let criteria = rows(&mut book, "基準項目別");
    let mut total = [0; 6];
    for row in rows(&mut book, "コントロール別") {
        for (sum, count) in total.iter_mut().zip(six(&row, 3)) {
            *sum += count;
        }
    }
    let mut failing = BTreeMap::new();
    for row in rows(&mut book, "不適合一覧") {
        *failing.entry((row[0].to_string(), row[4].to_string())).or_default() += 1;
    }
    let overview = book.worksheet_range("概要").unwrap();
    let last = overview.rows().rfind(|row| row[0] == "合計").unwrap();
    assert_eq!(six(last, 2), total, "the overview sums up the controls");
    Read {
        criteria: criteria.iter().map(|row| (row[0].to_string(), six(row, 6))).collect(),
        total,
        failing,
        exempt: rows(&mut book, "適用除外").len(),
    }
}
