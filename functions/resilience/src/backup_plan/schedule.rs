//! How often a schedule runs: the longest time between two runs in the coming year.
//!
//! Source: AWS Backup developer guide and Amazon EventBridge Scheduler user guide, "Cron
//! expressions". The recorded item has no time zone; a change to summer time moves one run of the
//! year by an hour, which is not counted.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

/// How many days are looked at: two years, so that a yearly run shows its gap.
const DAYS: i32 = 800;

/// The schedule of a rule that names none: every day at five.
pub(super) const DEFAULT: &str = "cron(0 5 ? * * *)";

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The longest time between two runs from `now` on; `None` when the schedule cannot be read. A
/// schedule that never runs again waits for the whole time that is looked at.
pub(super) fn longest_gap(expression: &str, now: Timestamp) -> Option<SignedDuration> {
    let expression = expression.trim();
    let inside = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inside("rate") {
        return self::rate(rate);
    }
    let cron: Cron = inside("cron")?.parse().ok()?;
    let start = now.to_zoned(TimeZone::UTC).datetime();
    Some(cron.longest_gap(start))
}

fn rate(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|number| *number > 0)?;
    let minutes = match unit.trim() {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_mins(number.checked_mul(minutes)?))
}

/// A day of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DayOfMonth {
    Any,
    Days(BTreeSet<i16>),
    /// `L`
    Last,
    /// `LW`
    LastWorkday,
    /// `15W`: the workday that is nearest.
    NearestWorkday(i16),
}

/// A day of a week: Sunday is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DayOfWeek {
    Any,
    Days(BTreeSet<i16>),
    /// `6L`: the last one of a month.
    Last(i16),
    /// `6#3`: the third one of a month.
    Nth(i16, i16),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    day_of_month: DayOfMonth,
    months: BTreeSet<i16>,
    day_of_week: DayOfWeek,
    /// `None`: every year.
    years: Option<BTreeSet<i16>>,
}

/// The expression is none.
#[derive(Debug)]
struct NoCron;

impl FromStr for Cron {
    type Err = NoCron;

    fn from_str(text: &str) -> Result<Self, NoCron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, day_of_month, months, day_of_week, years] = fields.as_slice() else {
            return Err(NoCron);
        };
        let every_year = matches!(*years, "*" | "?");
        Ok(Self {
            minutes: set(minutes, 0, 59, &[])?,
            hours: set(hours, 0, 23, &[])?,
            day_of_month: day_of_month.parse()?,
            months: set(months, 1, 12, &MONTHS)?,
            day_of_week: day_of_week.parse()?,
            years: if every_year { None } else { Some(set(years, 1970, 2199, &[])?) },
        })
    }
}

impl FromStr for DayOfMonth {
    type Err = NoCron;

    fn from_str(text: &str) -> Result<Self, NoCron> {
        match text {
            "*" | "?" => Ok(Self::Any),
            "L" => Ok(Self::Last),
            "LW" | "WL" => Ok(Self::LastWorkday),
            _ => match text.strip_suffix('W') {
                Some(day) => Ok(Self::NearestWorkday(number(day, 1, 31, &[])?)),
                None => Ok(Self::Days(set(text, 1, 31, &[])?)),
            },
        }
    }
}

impl FromStr for DayOfWeek {
    type Err = NoCron;

    fn from_str(text: &str) -> Result<Self, NoCron> {
        let day = |text: &str| number(text, 1, 7, &WEEKDAYS);
        if matches!(text, "*" | "?") {
            return Ok(Self::Any);
        }
        if let Some((weekday, place)) = text.split_once('#') {
            return Ok(Self::Nth(day(weekday)?, number(place, 1, 5, &[])?));
        }
        match text.strip_suffix('L') {
            // The last day of every week.
            Some("") => Ok(Self::Days(BTreeSet::from([7]))),
            Some(weekday) => Ok(Self::Last(day(weekday)?)),
            None => Ok(Self::Days(set(text, 1, 7, &WEEKDAYS)?)),
        }
    }
}

/// A number, or a name that stands for one.
fn number(text: &str, least: i16, most: i16, names: &[&str]) -> Result<i16, NoCron> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let named = named.and_then(|place| i16::try_from(place).ok()).map(|place| place + least);
    let number = named.or_else(|| text.parse().ok()).ok_or(NoCron)?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(NoCron) }
}

/// A list of numbers, ranges and steps.
fn set(text: &str, least: i16, most: i16, names: &[&str]) -> Result<BTreeSet<i16>, NoCron> {
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step, 1, most.max(1), &[])?)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (least, most),
            Some((first, last)) => {
                (number(first, least, most, names)?, number(last, least, most, names)?)
            }
            None => {
                let first = number(range, least, most, names)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        let step = usize::try_from(step.unwrap_or(1)).map_err(|_| NoCron)?;
        // FRI-MON goes over the end.
        if first <= last {
            all.extend((first..=last).step_by(step));
        } else {
            all.extend((first..=most).chain(least..=last).step_by(step));
        }
    }
    Ok(all)
}

/// Sunday is 1.
fn weekday(date: Date) -> i16 {
    i16::from(date.weekday().to_sunday_one_offset())
}

fn is_workday(date: Date) -> bool {
    (2..=6).contains(&weekday(date))
}

/// The workday of the month that is nearest to a day.
fn nearest_workday(day: Date) -> Option<Date> {
    [0, -1, 1, -2, 2]
        .into_iter()
        .filter_map(|days: i32| day.checked_add(days.days()).ok())
        .find(|date| date.month() == day.month() && is_workday(*date))
}

impl DayOfMonth {
    fn holds(&self, date: Date) -> bool {
        let last = date.last_of_month();
        match self {
            Self::Any => true,
            Self::Days(days) => days.contains(&i16::from(date.day())),
            Self::Last => date == last,
            Self::LastWorkday => nearest_workday(last) == Some(date),
            Self::NearestWorkday(day) => {
                let day = i8::try_from(*day).ok();
                let day = day.and_then(|day| Date::new(date.year(), date.month(), day).ok());
                day.and_then(nearest_workday) == Some(date)
            }
        }
    }
}

impl DayOfWeek {
    fn holds(&self, date: Date) -> bool {
        let day = weekday(date);
        match self {
            Self::Any => true,
            Self::Days(days) => days.contains(&day),
            Self::Last(wanted) => {
                day == *wanted && i16::from(date.day()) > i16::from(date.days_in_month()) - 7
            }
            Self::Nth(wanted, place) => {
                day == *wanted && (i16::from(date.day()) - 1) / 7 + 1 == *place
            }
        }
    }
}

impl Cron {
    fn runs_on(&self, date: Date) -> bool {
        self.months.contains(&i16::from(date.month()))
            && self.years.as_ref().is_none_or(|years| years.contains(&date.year()))
            && self.day_of_month.holds(date)
            && self.day_of_week.holds(date)
    }

    fn longest_gap(&self, start: DateTime) -> SignedDuration {
        let times: Vec<Time> = self
            .hours
            .iter()
            .flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)))
            .filter_map(|(hour, minute)| {
                Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
            })
            .collect();
        let end = start.saturating_add(DAYS.days());
        let mut longest = SignedDuration::ZERO;
        let mut last = start;
        let days = start.date().series(1.day()).take_while(|date| *date <= end.date());
        for date in days.filter(|date| self.runs_on(*date)) {
            for run in times.iter().map(|time| date.to_datetime(*time)) {
                if run > start && run <= end {
                    longest = longest.max(run.duration_since(last));
                    last = run;
                }
            }
        }
        longest.max(end.duration_since(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(expression: &str) -> Option<i64> {
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        longest_gap(expression, now).map(|gap| gap.as_hours())
    }

    #[test]
    fn the_longest_gap_counts_not_the_nominal_period() {
        for (expression, expected) in [
            (DEFAULT, 24),
            ("cron(0 5 * * ? *)", 24),
            ("cron(0 5,17 * * ? *)", 12),
            ("cron(0 0/6 * * ? *)", 6),
            ("cron(0 */4 ? * * *)", 4),
            ("cron(30 20 ? * MON-FRI *)", 72),
            ("cron(30 20 ? * 2-6 *)", 72),
            ("cron(30 20 ? * mon,tue,wed,thu,fri,sat,sun *)", 24),
            ("cron(30 20 ? * FRI-TUE *)", 72),
            // Two runs a day that are near to each other.
            ("cron(0 1,2 * * ? *)", 23),
            ("cron(0 3 ? * SUN *)", 168),
            ("cron(0 3 1 * ? *)", 31 * 24),
            ("cron(0 3 L * ? *)", 31 * 24),
            // The thirty-first is not in every month.
            ("cron(0 3 31 * ? *)", 61 * 24),
            ("cron(0 3 ? * 1#1 *)", 35 * 24),
            ("cron(0 3 ? * SUNL *)", 35 * 24),
            ("cron(0 3 1 1 ? *)", 366 * 24),
            // Every day of eleven months.
            ("cron(0 3 * 1-11 ? *)", 32 * 24),
            ("rate(12 hours)", 12),
            ("rate(1 day)", 24),
            ("rate(1440 minutes)", 24),
        ] {
            assert_eq!(hours(expression), Some(expected), "{expression}");
        }
    }

    #[test]
    fn workdays_of_a_month() {
        let days = |expression: &str| hours(expression).map(|hours| hours / 24);
        // 2027-08-15 is a Sunday, and 2026-11-15 too: the run is on the sixteenth.
        assert!(days("cron(0 3 15W * ? *)").is_some_and(|days| (31..=33).contains(&days)));
        assert!(days("cron(0 3 LW * ? *)").is_some_and(|days| (31..=35).contains(&days)));
    }

    #[test]
    fn a_schedule_that_ends_leaves_the_rest_of_the_time() {
        assert_eq!(hours("cron(0 5 ? * * 2025)"), Some(800 * 24));
        assert!(hours("cron(0 5 ? * * 2026)").is_some_and(|hours| hours > 300 * 24));
        assert_eq!(hours("cron(0 5 ? * * 2026-2030)"), Some(24));
    }

    #[test]
    fn what_is_no_schedule_is_not_guessed() {
        for expression in [
            "",
            "daily",
            "cron()",
            "cron(0 5 * * *)",
            "cron(61 5 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 5 ? * FOO *)",
            "cron(0 5 0 * ? *)",
            "cron(0 5 * 13 ? *)",
            "rate(0 hours)",
            "rate(1 month)",
            "at(2026-11-20T13:00:00)",
        ] {
            assert_eq!(hours(expression), None, "{expression}");
        }
    }
}
