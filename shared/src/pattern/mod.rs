//! The two pattern languages that decide which events raise an alarm: event patterns of
//! EventBridge and filter patterns of CloudWatch Logs.
//!
//! They are read for what they match: a control asks whether an event that must be noticed gets
//! through, never whether a pattern is written in one of the usual ways.
//!
//! ```
//! use fisc_shared::pattern::{EventPattern, FilterPattern, Match};
//! use serde_json::json;
//!
//! let pattern = EventPattern::parse(r#"{"source": ["aws.guardduty"]}"#)?;
//! assert!(pattern.matches(&json!({"source": "aws.guardduty", "region": "ap-northeast-1"})));
//!
//! let filter = FilterPattern::parse(r#"{ $.userIdentity.type = "Root" }"#)?;
//! assert_eq!(filter.matches(r#"{"userIdentity": {"type": "Root"}}"#), Match::Yes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod event_parse;
mod filter;
mod wildcard;

pub use event::EventPattern;
pub use event_parse::EventPatternError;
pub use filter::{FilterPattern, FilterPatternError, Match, Undecided};
