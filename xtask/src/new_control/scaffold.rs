//! The text of the control's file.

use askama::Template;

use super::subject::Subject;

/// What the file is made from.
pub(super) struct Scaffold<'a> {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) domain: String,
    pub(super) severity: String,
    pub(super) explicit: Vec<String>,
    pub(super) implied: Vec<String>,
    pub(super) code: String,
    pub(super) subjects: &'a [Subject],
}

#[derive(Template)]
#[template(path = "control.rs.txt", escape = "none")]
struct File<'a> {
    id: &'a str,
    kind: &'a str,
    domain: &'a str,
    severity: &'a str,
    criteria_doc: String,
    explicit: String,
    implied: String,
    resources: String,
    code: &'a str,
    wave: u8,
    fixtures: Vec<Fixture>,
}

/// An item in the tests.
struct Fixture {
    doc: String,
    name: String,
    kind: String,
    json: String,
    /// The number signs of a raw string that can hold the text.
    hashes: String,
}

impl Scaffold<'_> {
    /// Of the first requirement: 1 where the text asks for it.
    pub(super) const fn wave(&self) -> u8 {
        if self.explicit.is_empty() { 2 } else { 1 }
    }

    pub(super) fn render(&self) -> Result<String, askama::Error> {
        let quoted = |numbers: &[String]| {
            numbers.iter().map(|number| format!("{number:?}")).collect::<Vec<_>>().join(", ")
        };
        let constants: Vec<String> =
            self.subjects.iter().map(|one| format!("ResourceType::{}", one.constant)).collect();
        File {
            id: &self.id,
            kind: self.kind,
            domain: &self.domain,
            severity: &self.severity,
            criteria_doc: self.criteria(),
            explicit: quoted(&self.explicit),
            implied: quoted(&self.implied),
            resources: constants.join(", "),
            code: &self.code,
            wave: self.wave(),
            fixtures: self.subjects.iter().filter(|one| !one.is_account()).map(fixture).collect(),
        }
        .render()
    }

    fn criteria(&self) -> String {
        let Self { explicit, implied, .. } = self;
        let said: Vec<String> =
            [(explicit, "asks for it", "ask for it"), (implied, "implies it", "imply it")]
                .iter()
                .filter(|(numbers, ..)| !numbers.is_empty())
                .map(|(numbers, one, many)| {
                    let what = if numbers.len() == 1 { one } else { many };
                    format!("{} {what}", numbers.join(", "))
                })
                .collect();
        said.join("; ")
    }
}

fn fixture(subject: &Subject) -> Fixture {
    let (doc, item) = subject.fixture();
    let json = format!("{item:#}");
    let mut hashes = "#".to_owned();
    while json.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    Fixture { doc, name: subject.constant.clone(), kind: subject.name(), json, hashes }
}
