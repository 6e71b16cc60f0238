use super::*;
use crate::controls::{Controls, Rule};
use aws_sdk_securityhub::types::ImportFindingsError;
use fisc_shared::Language;
use fisc_shared::asff::{Judged, finding};
use fisc_shared::verdict::Compliance;
use jiff::Timestamp;

fn findings(count: usize) -> Vec<Finding> {
    let controls = Controls::new("fisc").unwrap();
    let Rule::Control(facts) = controls.rule("fisc-s3-tls-only") else { panic!("known") };
    (0..count)
        .map(|n| {
            let judged = Judged {
                account_id: "111122223333",
                region: "ap-northeast-1",
                resource_type: "AWS::S3::Bucket",
                resource_id: &n.to_string(),
                arn: None,
                compliance: Compliance::Compliant,
                annotation: None,
                rule_name: None,
                at: Timestamp::UNIX_EPOCH,
            };
            finding(facts, &judged, Language::Ja)
        })
        .collect()
}

#[test]
fn calls_keep_the_limits() {
    let all = findings(250);
    let lengths = |bytes| calls(&all, bytes).iter().map(|call| call.len()).collect::<Vec<_>>();
    assert_eq!(lengths(MAX_CALL_BYTES), [100, 100, 50]);
    let ten = size(&all[0]) * 10;
    let sizes = |call: &&[Finding]| call.iter().map(size).sum::<usize>();
    assert!(calls(&all, ten).iter().all(|call| sizes(call) <= ten));
    assert_eq!(lengths(ten)[..2], [10, 9]);
    assert_eq!(lengths(1), vec![1; 250]);
    assert_eq!(calls(&all, ten).concat(), all);
    assert!(calls(&[], ten).is_empty());
}

fn refusal(id: &str) -> ImportFindingsError {
    ImportFindingsError::builder().id(id).error_code("InternalError").error_message("x").build()
}

#[test]
fn only_the_named_findings_fail() {
    let all = findings(3);
    let mut report = Report::default();
    let output = BatchImportFindingsOutput::builder()
        .failed_count(1)
        .failed_findings(refusal(&all[1].id))
        .build();
    report.take(&all, &output);
    assert_eq!(report.imported, 2);
    assert_eq!(report.failed.keys().collect::<Vec<_>>(), [&all[1].id]);
    assert_eq!(report.error, None);
}

#[test]
fn a_failure_without_a_name_fails_the_whole_call() {
    let all = findings(3);
    for output in [
        BatchImportFindingsOutput::builder().failed_count(1).build(),
        BatchImportFindingsOutput::builder().failed_findings(refusal("UNKNOWN")).build(),
    ] {
        let mut report = Report::default();
        report.take(&all, &output);
        assert_eq!((report.imported, report.failed.len()), (0, 3));
    }
}
