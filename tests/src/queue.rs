//! An SQS standard queue as a Lambda event source sees it: at least once, in batches, with a
//! receive count and a dead-letter queue.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::aws::{ACCOUNT, REGION};

/// Receives after which a message goes to the dead-letter queue, as in the stack's template.
pub const MAX_RECEIVES: usize = 5;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    /// Its id; a redelivery has the same.
    pub id: String,
    /// Its body.
    pub body: String,
    /// How often it was received.
    pub receives: usize,
    sent: i64,
}

/// The queue. Messages that were received and neither deleted nor returned are in flight.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<QueueMessage>,
    in_flight: Vec<QueueMessage>,
    dead: Vec<QueueMessage>,
    sent: usize,
}

impl Queue {
    /// Puts a message in.
    pub fn send(&mut self, body: &Value) {
        let id = format!("059f36b4-87a3-44ab-83d2-{:012}", self.sent);
        self.sent += 1;
        let sent = Timestamp::now().as_millisecond();
        self.waiting.push_back(QueueMessage { id, body: body.to_string(), receives: 0, sent });
    }

    /// Delivers a message that was sent before once more, as a standard queue may at any time.
    pub fn duplicate(&mut self, message: QueueMessage) {
        self.waiting.push_back(message);
    }

    /// Turns the order of what waits round: a standard queue keeps none.
    pub fn reverse(&mut self) {
        self.waiting.make_contiguous().reverse();
    }

    /// Takes up to `size` messages in flight; empty when nothing waits.
    pub fn receive(&mut self, size: usize) -> Vec<QueueMessage> {
        let count = self.waiting.len().min(size);
        let mut batch: Vec<QueueMessage> = self.waiting.drain(..count).collect();
        for message in &mut batch {
            message.receives += 1;
        }
        self.in_flight.extend(batch.iter().cloned());
        batch
    }

    /// Ends the flight of a batch by what the function answered: a failed invocation returns all
    /// of it, a success those that `batchItemFailures` names. A message that was received
    /// [`MAX_RECEIVES`] times goes to the dead-letter queue instead.
    ///
    /// # Panics
    ///
    /// When the answer has no `batchItemFailures`, or names what is not in the batch: Lambda would
    /// return the whole batch.
    pub fn settle<E>(&mut self, batch: &[QueueMessage], outcome: &Result<Value, E>) {
        let returned: Vec<&str> = match outcome {
            Err(_) => batch.iter().map(|message| message.id.as_str()).collect(),
            Ok(answer) => answer["batchItemFailures"]
                .as_array()
                .unwrap_or_else(|| panic!("no batchItemFailures: {answer}"))
                .iter()
                .map(|failure| failure["itemIdentifier"].as_str().expect("an id"))
                .collect(),
        };
        for id in &returned {
            assert!(batch.iter().any(|message| message.id == *id), "{id} is not in the batch");
        }
        for message in batch {
            let place = self.in_flight.iter().position(|one| one.id == message.id);
            let message = self.in_flight.swap_remove(place.expect("in flight"));
            if !returned.contains(&message.id.as_str()) {
                continue;
            }
            if message.receives >= MAX_RECEIVES {
                self.dead.push(message);
            } else {
                self.waiting.push_back(message);
            }
        }
    }

    /// Puts everything from the dead-letter queue back, as an operator does when the cause is
    /// gone.
    pub fn redrive(&mut self) {
        for message in std::mem::take(&mut self.dead) {
            self.waiting.push_back(QueueMessage { receives: 0, ..message });
        }
    }

    /// How many messages wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many messages are in the dead-letter queue.
    #[must_use]
    pub fn dead(&self) -> usize {
        self.dead.len()
    }

    /// How many messages were sent.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent
    }
}

/// The event with which Lambda hands a batch over.
#[must_use]
pub fn batch_event(batch: &[QueueMessage]) -> Value {
    let now = Timestamp::now().as_millisecond().to_string();
    let records: Vec<Value> = batch
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": format!("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{}", message.receives),
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receives.to_string(),
                    "SentTimestamp": message.sent.to_string(),
                    "SenderId": "AIDAJXNJGGKNS7OSV23OI",
                    "ApproximateFirstReceiveTimestamp": now,
                },
                "messageAttributes": {},
                "md5OfBody": "7b270e59b47ff90a553787216d55d91d",
                "eventSource": "aws:sqs",
                "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:fisc-findings"),
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({"Records": records})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(failed: &[&QueueMessage]) -> Result<Value, ()> {
        let failures: Vec<Value> =
            failed.iter().map(|message| json!({"itemIdentifier": message.id})).collect();
        Ok(json!({"batchItemFailures": failures}))
    }

    #[test]
    fn what_fails_comes_again_and_ends_in_the_dead_letter_queue() {
        let mut queue = Queue::default();
        queue.send(&json!("a"));
        queue.send(&json!("b"));
        let batch = queue.receive(10);
        assert_eq!((batch.len(), queue.waiting(), batch[0].receives), (2, 0, 1));
        queue.settle(&batch, &answer(&[&batch[1]]));
        assert_eq!((queue.waiting(), queue.dead()), (1, 0));
        for receives in 2..=MAX_RECEIVES {
            let batch = queue.receive(10);
            assert_eq!((batch[0].body.as_str(), batch[0].receives), ("\"b\"", receives));
            queue.settle(&batch, &Err::<Value, _>(()));
        }
        assert_eq!((queue.waiting(), queue.dead()), (0, 1));
        queue.redrive();
        let batch = queue.receive(10);
        queue.settle(&batch, &answer(&[]));
        assert_eq!((queue.waiting(), queue.dead(), queue.sent()), (0, 0, 2));
    }
}
