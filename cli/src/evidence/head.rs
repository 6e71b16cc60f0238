//! What stands at the head of a report, for people: of what, when, by what.

use fisc_shared::Language;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::compare::Changes;
use super::model::{Evidence, origin};
use crate::output::text::Words;

/// Accounts and Regions that a line names; the rest is counted.
const NAMED: usize = 40;

/// The lines of the head: what, and its value.
#[must_use]
pub fn lines(
    evidence: &Evidence,
    changes: Option<&Changes>,
    language: Language,
    made: Timestamp,
) -> Vec<(&'static str, String)> {
    let words = Words(language);
    let source = &evidence.source;
    let own = env!("CARGO_PKG_VERSION");
    let mut product = format!("fisc-config-rules {own}");
    if source.version != own {
        let version =
            if source.version.is_empty() { words.unknown() } else { source.version.as_str() };
        product.push_str(&format!(" ({}: {version})", words.judged_by()));
    }
    let mut lines = vec![
        (words.accounts(), listed(&source.accounts, words)),
        (words.regions(), listed(&source.regions, words)),
        (words.evaluated_at(), clock(source.at, language)),
        (words.made_at(), clock(made, language)),
        (words.read_from(), origin(source, language)),
        (words.product(), product),
        (words.edition(), fisc_shared::asff::EDITION.get(language).to_owned()),
    ];
    if let Some(changes) = changes {
        lines.push((words.earlier(), clock(changes.old_at, language)));
    }
    lines
}

fn listed<'a>(names: impl IntoIterator<Item = &'a String>, words: Words) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() {
        return words.unknown().to_owned();
    }
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 if names.len() > 1 => format!("{first} ({})", names.len()),
        0 => first,
        more => format!("{first} … (+{more})"),
    }
}

/// A time: in Japanese as clocks in Japan show it, else UTC.
#[must_use]
pub fn clock(time: Timestamp, language: Language) -> String {
    match language {
        Language::Ja => {
            let japan = time.to_zoned(TimeZone::fixed(Offset::constant(9)));
            japan.strftime("%Y年%-m月%-d日 %H:%M (日本時間)").to_string()
        }
        Language::En => time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_reader() {
        let time: Timestamp = "2026-11-20T15:30:00Z".parse().unwrap();
        assert_eq!(clock(time, Language::Ja), "2026年11月21日 00:30 (日本時間)");
        assert_eq!(clock(time, Language::En), "2026-11-20 15:30 UTC");
    }
}
