//! What is decided from agreements, reports and usage.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Whether a name holds one of the phrases, without regard to case.
pub(super) fn names(name: &str, phrases: &[String]) -> bool {
    let name = name.to_lowercase();
    phrases.iter().any(|phrase| name.contains(&phrase.to_lowercase()))
}

/// Whether a title holds the words of a series, one after the other: "(SOC) 1" is "SOC 1", and
/// "SOC 10" is not.
pub(super) fn is_of_series(title: &str, series: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (title, series) = (words(title), words(series));
    !series.is_empty() && title.windows(series.len()).any(|part| part == series.as_slice())
}

/// What an attestation is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attested {
    /// It holds no day.
    NoDay,
    /// It holds a day that is yet to come.
    Future,
    /// It was too long ago.
    Old(Date),
    /// It is current.
    Current,
}

/// Judges the text of an attestation: a day, perhaps with a time behind it.
pub(super) fn attested(text: &str, max_days: i64, now: Timestamp) -> Attested {
    let day = text.trim().get(..10).and_then(|day| day.parse::<Date>().ok());
    let Some(day) = day else { return Attested::NoDay };
    // Days change in Japan first: what is today there is not the future.
    let today = now.to_zoned(TimeZone::UTC).date();
    let tomorrow = today.saturating_add(1.day());
    if day > tomorrow {
        Attested::Future
    } else if day < today.saturating_sub(max_days.days()) {
        Attested::Old(day)
    } else {
        Attested::Current
    }
}

/// What Cost Explorer lists besides services.
fn is_no_service(name: &str) -> bool {
    name == "Tax" || name.starts_with("AWS Support") || name == "NoService"
}

/// The used services that are not among those of the reports.
pub(super) fn services_outside(used: &BTreeSet<String>, scope: &[String]) -> Vec<String> {
    outside(used, scope, is_no_service)
}

/// The used Regions that are not among those of the reports.
pub(super) fn regions_outside(used: &BTreeSet<String>, scope: &[String]) -> Vec<String> {
    outside(used, scope, |name| matches!(name, "" | "global" | "NoRegion"))
}

fn outside(
    used: &BTreeSet<String>,
    scope: &[String],
    does_not_count: impl Fn(&str) -> bool,
) -> Vec<String> {
    used.iter()
        .filter(|name| !does_not_count(name))
        .filter(|name| !scope.iter().any(|one| one.eq_ignore_ascii_case(name)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&one| one.to_owned()).collect()
    }

    #[test]
    fn agreements_are_found_by_phrases() {
        let phrases = strings(&["japan", "日本準拠法"]);
        assert!(names("AWS Customer Agreement - Japan Addendum", &phrases));
        assert!(names("日本準拠法に関する変更契約", &phrases));
        assert!(!names("Business Associate Addendum", &phrases));
        assert!(!names("anything", &[]));
    }

    #[test]
    fn reports_are_found_by_the_words_of_their_series() {
        const NAME: &str = "Service Organization Controls (SOC) 1 Report - Current";
        assert!(is_of_series(NAME, "SOC 1") && is_of_series("SOC 1", "soc 1"));
        assert!(!is_of_series(NAME, "SOC 2"));
        assert!(!is_of_series("SOC 10 Report", "SOC 1"));
        assert!(!is_of_series(NAME, "") && !is_of_series("", "SOC 1"));
    }

    #[test]
    fn an_attestation_is_a_day_of_the_past() {
        let now: Timestamp = "2026-11-23T20:00:00Z".parse().unwrap();
        let judged = |text: &str| attested(text, 365, now);
        assert_eq!(judged("2026-11-23"), Attested::Current);
        assert_eq!(judged(" 2026-04-01T09:00:00+09:00\n"), Attested::Current);
        assert_eq!(judged("2026-11-24"), Attested::Current, "it is today in Japan");
        assert_eq!(judged("2026-11-25"), Attested::Future);
        assert_eq!(judged("2025-11-23"), Attested::Current);
        assert_eq!(judged("2025-11-22"), Attested::Old("2025-11-22".parse().unwrap()));
        for text in ["", "done", "2026-13-01", "令和8年4月1日"] {
            assert_eq!(judged(text), Attested::NoDay, "{text}");
        }
    }

    #[test]
    fn what_is_used_is_inside_of_the_reports() {
        let used = |names: &[&str]| strings(names).into_iter().collect::<BTreeSet<_>>();
        let services =
            used(&["Amazon Simple Storage Service", "AWS Lambda", "Tax", "AWS Support (Business)"]);
        let scope = strings(&["amazon simple storage service"]);
        assert_eq!(services_outside(&services, &scope), ["AWS Lambda"]);
        let regions = used(&["ap-northeast-1", "eu-west-1", "global", "NoRegion", ""]);
        assert_eq!(regions_outside(&regions, &strings(&["ap-northeast-1"])), ["eu-west-1"]);
    }
}
