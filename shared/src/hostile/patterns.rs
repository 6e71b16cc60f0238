//! Patterns of events and of log lines: customers write them.

use fisc_hostile::clear;
use serde_json::json;

use crate::pattern::{EventPattern, FilterPattern};

/// The bytes as an event pattern, and as an event that patterns are asked about.
///
/// # Panics
/// When a property is broken.
pub fn event_pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let event = json!({
        "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "account": "111122223333",
        "detail": {"severity": 8.5, "type": "Recon:EC2/Portscan", "list": [1, [2, "a"], null],
                   "address": "10.1.2.3", "text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},
    });
    if let Some(pattern) = clear(EventPattern::parse(&text)) {
        let first = pattern.matches(&event);
        assert_eq!(first, pattern.matches(&event), "an answer that changes");
        if let Ok(itself) = serde_json::from_str(&text) {
            let _ = pattern.matches(&itself);
        }
    }
}

/// The bytes as a filter pattern of CloudWatch Logs; and, split at the first line end, as a
/// pattern and a log line.
///
/// # Panics
/// When a property is broken.
pub fn filter_pattern(data: &[u8]) {
    const LINE: &str = r#"{"eventName":"ConsoleLogin","errorCode":"AccessDenied","n":1.5e3,
        "list":[1,{"a":"b"}],"sourceIPAddress":"10.1.2.3"}"#;
    let text = String::from_utf8_lossy(data);
    let (pattern, line) = text.split_once('\n').unwrap_or((&text, LINE));
    for pattern in [&text, pattern] {
        if let Some(pattern) = clear(FilterPattern::parse(pattern)) {
            let _ = pattern.matches(line);
            let _ = pattern.matches(LINE);
        }
    }
}
