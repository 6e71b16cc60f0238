//! What reading the queue must stand: whoever may send to it, or put events on the bus.

use fisc_hostile::clear;
use serde_json::Value;

use super::{Change, Invocation};

/// The bytes as an invocation, and as the body of a message.
///
/// # Panics
/// When a property is broken.
pub fn message(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    read(&text);
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let Some(Invocation::Batch(records)) = clear(Invocation::from_value(value)) else { return };
    for record in records {
        assert!(!record.message_id.is_empty(), "a message that cannot be told apart");
        read(record.body.as_deref().unwrap_or_default());
    }
}

fn read(body: &str) {
    let Some(change) = clear(Change::from_body(body)) else { return };
    for field in [&change.rule_name, &change.account_id, &change.region, &change.resource_id] {
        assert!(!field.trim().is_empty(), "a change of nothing");
    }
}

#[cfg(test)]
mod tests {
    use fisc_hostile::{Bytes, attack, bounded, inputs};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_stand_monsters() {
        attack("message", message);
    }

    proptest! {
        #[test]
        fn bent_messages_are_read_or_refused(Bytes(input) in inputs("message")) {
            bounded(&input, message);
        }
    }
}
