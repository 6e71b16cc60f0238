//! How old something is, in days of 24 hours.

use jiff::{SignedDuration, Timestamp};

/// The full days from `then` to `now`.
pub(crate) fn days(then: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(then).as_hours() / 24
}

/// Whether more than `limit` days have passed; exactly `limit` days have not.
pub(crate) fn exceeds(then: Timestamp, now: Timestamp, limit: i64) -> bool {
    now.duration_since(then) > SignedDuration::from_hours(24 * limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_not_exceeded() {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        for (then, age, over) in [
            ("2026-08-23T09:00:00Z", 90, false),
            ("2026-08-23T08:59:59Z", 90, true),
            ("2026-08-23T09:00:01Z", 89, false),
            ("2026-11-22T09:00:00Z", -1, false),
        ] {
            let then = then.parse().unwrap();
            assert_eq!((days(then, now), exceeds(then, now, 90)), (age, over), "{then}");
        }
    }
}
