//! The changes that arrive.

use fisc_testkit::aws::Rule;
use fisc_testkit::events;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// One change of a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    /// Its number, from 0: a later change has a higher one.
    pub(crate) serial: u64,
    /// The bucket.
    pub(crate) bucket: u32,
    /// Whether its policy then refuses plain HTTP.
    pub(crate) good: bool,
}

/// Makes changes, the same ones in every run.
#[derive(Debug)]
pub(crate) struct Load {
    random: u64,
    buckets: u32,
    next: u64,
    /// The capture time of change 0; every further one is a millisecond later.
    start: Timestamp,
}

impl Load {
    pub(crate) fn new(buckets: u32) -> Self {
        let start = "2026-11-01T00:00:00Z".parse().expect("a time");
        Self { random: 0x5eed, buckets, next: 0, start }
    }

    /// A number below `bound` (SplitMix64).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    pub(crate) fn change(&mut self) -> Change {
        let serial = self.next;
        self.next += 1;
        let bucket = u32::try_from(self.below(u64::from(self.buckets))).expect("below the bound");
        Change { serial, bucket, good: self.below(2) == 0 }
    }

    /// The serial of the change that was captured at this time.
    pub(crate) fn serial(&self, ordering_seconds: f64) -> u64 {
        let since = ordering_seconds * 1000.0 - self.start.as_millisecond() as f64;
        // Milliseconds of this century are exact in a double.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        let serial = since.round() as u64;
        serial
    }

    /// The event that AWS Config sends of a change.
    pub(crate) fn event(&self, rule: &Rule, change: Change) -> Value {
        let name = name(change.bucket);
        let mut item = events::item("AWS::S3::Bucket", &name, json!({"name": name}));
        item["ARN"] = json!(format!("arn:aws:s3:::{name}"));
        let age = SignedDuration::from_millis(i64::try_from(change.serial).expect("small"));
        item["configurationItemCaptureTime"] = json!(format!("{:.3}", self.start + age));
        item["supplementaryConfiguration"] =
            json!({"BucketPolicy": {"policyText": policy(change).to_string()}});
        events::change(rule, &item, &Value::Null)
    }
}

/// The name of a bucket.
pub(crate) fn name(bucket: u32) -> String {
    format!("bucket-{bucket:05}")
}

/// A policy of 1 to 40 statements; the good ones deny plain HTTP too.
fn policy(change: Change) -> Value {
    let count = 1 + change.serial % 40;
    let mut statements: Vec<Value> = (0..count)
        .map(|n| {
            json!({"Sid": format!("Read{n}"), "Effect": "Allow", "Action": ["s3:GetObject"],
                "Principal": {"AWS": format!("arn:aws:iam::111122223333:role/reader-{n}")},
                "Resource": format!("arn:aws:s3:::{}/area-{n}/*", name(change.bucket))})
        })
        .collect();
    if change.good {
        statements.push(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}
