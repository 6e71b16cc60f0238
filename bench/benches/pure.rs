//! The parts without any I/O: `cargo bench` in bench/.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark fails by panicking; criterion's macros write undocumented functions"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fisc_shared::network::Permissions;
use fisc_shared::policy::{PolicyDocument, Trust, Universe};
use fisc_shared::{ConfigurationItem, Parameters};
use serde_json::{Value, json};

/// `fisc` links every AWS SDK; its framer alone does not need them.
#[allow(dead_code, unreachable_pub, reason = "a module of another crate")]
#[path = "../../cli/src/input/framer.rs"]
mod framer;

const SAMPLE: &str = include_str!("../../events/config-snapshot.json");

/// The sample without the indentation that Config does not write either.
fn sample() -> (String, Vec<String>) {
    let value: Value = serde_json::from_str(SAMPLE).expect("the sample is JSON");
    let items = value.get("configurationItems").and_then(Value::as_array);
    let items = items.into_iter().flatten().map(Value::to_string).collect();
    (value.to_string(), items)
}

fn items(criterion: &mut Criterion) {
    let (whole, items) = sample();
    let mut group = criterion.benchmark_group("sample snapshot");
    group.throughput(Throughput::Bytes(whole.len() as u64));
    group.bench_function("framer", |bench| {
        bench.iter(|| {
            let mut framer = framer::Framer::new(whole.as_bytes());
            let mut bytes = 0;
            while let Some(element) = framer.next_element().unwrap() {
                bytes += element.bytes.len();
            }
            bytes
        });
    });
    group.bench_function("items", |bench| {
        bench.iter(|| {
            for item in &items {
                // Some of the sample's items are damaged on purpose.
                let _ = black_box(ConfigurationItem::from_json(black_box(item)));
            }
        });
    });
    group.bench_function("items and their configuration", |bench| {
        bench.iter(|| {
            for item in items.iter().filter_map(|item| ConfigurationItem::from_json(item).ok()) {
                let _ = black_box(item.configuration());
            }
        });
    });
    group.bench_function("floor: serde_json values", |bench| {
        bench.iter(|| {
            for item in &items {
                let _: Value = black_box(serde_json::from_str(black_box(item)).unwrap());
            }
        });
    });
    group.finish();
}

/// A bucket policy with `statements` statements of which half limit the source.
fn policy(statements: usize) -> String {
    let statements: Vec<Value> = (0..statements)
        .map(|number| {
            let mut statement = json!({
                "Sid": format!("S{number}"),
                "Effect": if number % 4 == 3 { "Deny" } else { "Allow" },
                "Principal": if number % 3 == 0 { json!("*") } else {
                    json!({"AWS": format!("arn:aws:iam::{:012}:root", 111_122_223_333_u64 + number as u64)})
                },
                "Action": ["s3:GetObject", format!("s3:List*{number}"), "s3:Put*"],
                "Resource": [format!("arn:aws:s3:::bucket-{number}"), format!("arn:aws:s3:::bucket-{number}/*")],
            });
            if number % 2 == 0 {
                statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}});
            }
            statement
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn policies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policy");
    let trust = Trust::of("111122223333", &Parameters::default());
    let universe = Universe::new("s3:*", "*");
    for statements in [2, 20] {
        let text = policy(statements);
        group.bench_function(format!("parse, {statements} statements"), |bench| {
            bench.iter(|| PolicyDocument::from_text(black_box(&text)).unwrap());
        });
        let document = PolicyDocument::from_text(&text).unwrap();
        group.bench_function(format!("outsiders, {statements} statements"), |bench| {
            bench.iter(|| black_box(&document).outsiders(&trust, &universe));
        });
    }
    group.finish();
}

fn networks(criterion: &mut Criterion) {
    let rules: Vec<Value> = (0..60)
        .map(|number| {
            json!({"ipProtocol": "tcp", "fromPort": number * 100, "toPort": number * 100 + 50,
                "ipv4Ranges": [{"cidrIp": format!("10.{number}.0.0/16")}, {"cidrIp": "0.0.0.0/1"}],
                "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": []})
        })
        .collect();
    let item = json!({"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-1",
        "configuration": {"ipPermissions": rules}});
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let group = Permissions::read(&item.configuration().unwrap(), "ipPermissions").unwrap();
    criterion.bench_function(
        "security group of 60 rules, ports open to half the Internet",
        |bench| {
            bench.iter(|| group.ports_where(6, |from| !black_box(from).is_empty()));
        },
    );
}

criterion_group!(benches, items, policies, networks);
criterion_main!(benches);
