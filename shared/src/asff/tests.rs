use super::*;
use crate::resource::ResourceType;
use crate::text::{Language, Message};
use crate::verdict::{Compliance, Failures};
use crate::{Resource, verdict::Evaluated};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-northeast-1";

fn facts() -> Facts {
    Facts {
        id: "s3-tls-only".to_owned(),
        severity: Label::High,
        title: Message { en: "Buckets refuse HTTP".to_owned(), ja: "HTTP を拒否".to_owned() },
        fix: Message { en: "Deny it".to_owned(), ja: "拒否する".to_owned() },
        reference: "https://docs.aws.amazon.com/x".to_owned(),
        criteria: FactsCriteria {
            explicit: vec!["実4".to_owned(), "実39".to_owned()],
            implied: vec!["統24 1".to_owned()],
        },
        resources: vec![ResourceType::S3_BUCKET.into()],
    }
}

fn judged(compliance: Compliance) -> Judged<'static> {
    Judged {
        account_id: ACCOUNT,
        region: REGION,
        resource_type: "AWS::S3::Bucket",
        resource_id: "ledger",
        arn: None,
        compliance,
        annotation: Some("NO_BUCKET_POLICY: none"),
        rule_name: Some("fisc-s3-tls-only"),
        at: "2026-11-01T01:36:34.043Z".parse().unwrap(),
    }
}

#[test]
fn a_failure_in_english() {
    let finding = finding(&facts(), &judged(Compliance::NonCompliant), Language::En);
    assert_eq!(
        serde_json::to_value(finding).unwrap(),
        json!({
            "SchemaVersion": "2018-10-08",
            "Id": "fisc-config-rules/111122223333/ap-northeast-1/s3-tls-only/AWS::S3::Bucket/ledger",
            "ProductArn": "arn:aws:securityhub:ap-northeast-1:111122223333:product/111122223333/default",
            "ProductName": "fisc-config-rules",
            "GeneratorId": "fisc-config-rules/s3-tls-only",
            "AwsAccountId": "111122223333",
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/FISC Controls (Japan)"],
            "CreatedAt": "2026-11-01T01:36:34.043Z",
            "UpdatedAt": "2026-11-01T01:36:34.043Z",
            "Severity": {"Label": "HIGH", "Original": "HIGH"},
            "Title": "[s3-tls-only] Buckets refuse HTTP",
            "Description": "The requirement fails (NO_BUCKET_POLICY: none). Control: Buckets refuse HTTP. Mapping to the criteria: AWS FISC reference (July 2023) and the consortium's companion reference, second edition (August 2024).",
            "Remediation": {"Recommendation": {"Text": "Deny it", "Url": "https://docs.aws.amazon.com/x"}},
            "ProductFields": {
                "fisc/Control": "s3-tls-only",
                "fisc/Criteria": "実4, 実39, 統24 1",
                "fisc/CriteriaImplied": "統24 1",
                "fisc/ConfigRuleName": "fisc-s3-tls-only",
                "fisc/ResourceType": "AWS::S3::Bucket",
                "fisc/ResourceId": "ledger",
                "fisc/ComplianceType": "NON_COMPLIANT",
                "fisc/ResultRecordedTime": "2026-11-01T01:36:34.043Z",
                "fisc/Edition": "AWS FISC reference (July 2023) and the consortium's companion reference, second edition (August 2024)",
            },
            "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::ledger", "Partition": "aws", "Region": "ap-northeast-1"}],
            "Compliance": {"Status": "FAILED", "RelatedRequirements": ["実4", "実39", "統24 1"]},
            "RecordState": "ACTIVE",
            "FindingProviderFields": {
                "Severity": {"Label": "HIGH", "Original": "HIGH"},
                "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/FISC Controls (Japan)"],
            },
        })
    );
}

#[test]
fn results_map_to_states() {
    let of = |compliance| {
        let finding = finding(&facts(), &judged(compliance), Language::Ja);
        let severity = finding.severity.clone().unwrap();
        assert_eq!(severity, finding.finding_provider_fields.severity);
        assert_eq!(severity.original.as_deref(), Some("HIGH"));
        (finding.compliance.status, finding.record_state, severity.label)
    };
    assert_eq!(of(Compliance::NonCompliant), (Status::Failed, RecordState::Active, Label::High));
    assert_eq!(
        of(Compliance::Compliant),
        (Status::Passed, RecordState::Active, Label::Informational)
    );
    assert_eq!(
        of(Compliance::NotApplicable),
        (Status::NotAvailable, RecordState::Archived, Label::Informational)
    );
}

#[test]
fn japanese_texts_say_that_a_requirement_holds_or_fails() {
    let text = |compliance| finding(&facts(), &judged(compliance), Language::Ja).description;
    let failed = text(Compliance::NonCompliant);
    assert!(failed.starts_with("要件を満たしていません（NO_BUCKET_POLICY: none）。"), "{failed}");
    assert!(text(Compliance::Compliant).starts_with("要件を満たしています（"));
    assert!(text(Compliance::NotApplicable).starts_with("要件の対象外です（"));
    for compliance in [Compliance::NonCompliant, Compliance::Compliant, Compliance::NotApplicable] {
        assert!(!text(compliance).contains("準拠"));
    }
}

#[test]
fn explicit_criteria_win_the_32_places() {
    let mut facts = facts();
    facts.criteria.implied = (0..40).map(|n| format!("統{n}")).collect();
    facts.criteria.explicit = (0..5).map(|n| format!("実{n}")).collect();
    let finding = finding(&facts, &judged(Compliance::Compliant), Language::Ja);
    let requirements = finding.compliance.related_requirements;
    assert_eq!(requirements.len(), MAX_REQUIREMENTS);
    assert_eq!(requirements[..6], ["実0", "実1", "実2", "実3", "実4", "統0"]);
    assert!(finding.product_fields[product_field::CRITERIA].ends_with("統39"));
}

#[test]
fn resources_get_their_canonical_ids() {
    let of = |resource_type, resource_id| {
        let judged = Judged { resource_type, resource_id, ..judged(Compliance::Compliant) };
        let finding = finding(&facts(), &judged, Language::En);
        let resource = finding.resources.into_iter().next().unwrap();
        (resource.r#type, resource.id)
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(of("AWS::::Account", ACCOUNT), pair("AwsAccount", "AWS::::Account:111122223333"));
    assert_eq!(of("AWS::S3::Bucket", "arn:aws:s3:::x"), pair("AwsS3Bucket", "arn:aws:s3:::x"));
    assert_eq!(of("AWS::New::Thing", "thing-1"), pair("Other", "thing-1"));
}

#[test]
fn partitions_that_the_format_does_not_know_are_left_out() {
    let of = |region| {
        let judged = Judged { region, ..judged(Compliance::Compliant) };
        finding(&facts(), &judged, Language::En).resources.remove(0).partition
    };
    assert_eq!(of("us-gov-west-1").as_deref(), Some("aws-us-gov"));
    assert_eq!(of("eusc-de-east-1"), None);
    assert_eq!(
        product_arn(ACCOUNT, "cn-north-1"),
        "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default"
    );
}

#[test]
fn a_result_of_this_process_gives_the_same_id() {
    let evaluated = Evaluated {
        resource: Resource::of(ResourceType::S3_BUCKET, "ledger", ACCOUNT, REGION),
        verdict: Failures::new().into_verdict(),
        at: Timestamp::UNIX_EPOCH,
    };
    let own = Judged::of(&evaluated, None, "us-east-1");
    let finding_of = |judged: &Judged<'_>| finding(&facts(), judged, Language::En);
    assert_eq!(finding_of(&own).id, finding_of(&judged(Compliance::Compliant)).id);
    assert!(finding_of(&own).description.starts_with("The requirement holds. Control: "));

    let mut global = evaluated.clone();
    global.resource.region = "global".to_owned();
    assert_eq!(Judged::of(&global, None, "us-east-1").region, "us-east-1");
}

#[test]
fn an_exempt_resource_says_who_answers_for_it() {
    let annotation = "EXEMPT: exempt until 2027-03-31 by ciso@bank.example (tag), reason RISK-1 / NO_BUCKET_POLICY";
    let exempt = |compliance| {
        let judged = Judged { annotation: Some(annotation), ..judged(compliance) };
        finding(&facts(), &judged, Language::En)
    };
    let finding = exempt(Compliance::NotApplicable);
    assert_eq!(finding.record_state, RecordState::Archived);
    let start = "The requirement fails; the resource is exempt (EXEMPT: exempt until 2027-03-31 by";
    assert!(finding.description.starts_with(start), "{}", finding.description);
    assert_eq!(
        finding.product_fields.get(product_field::EXEMPTION).map(String::as_str),
        Some("until=2027-03-31;reason=RISK-1;by=ciso@bank.example")
    );
    // Only what AWS Config shows as not applicable is exempt, whatever an annotation says.
    let failed = exempt(Compliance::NonCompliant);
    assert!(!failed.product_fields.contains_key(product_field::EXEMPTION));
}

#[test]
fn the_table_of_facts_reads_back() {
    let text = serde_json::to_string(&facts()).unwrap();
    assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts());
    assert!(serde_json::from_str::<Facts>(&text.replace("\"fix\"", "\"fixes\"")).is_err());
}

#[test]
fn ids_that_had_to_be_changed_stay_apart() {
    let id = |resource: &str| finding_id(ACCOUNT, REGION, "c", "AWS::S3::Bucket", resource);
    let long = "x".repeat(600);
    for (one, other) in
        [(format!("{long}a"), format!("{long}b")), ("日本".to_owned(), "日米".to_owned())]
    {
        assert_ne!(id(&one), id(&other));
        assert_eq!(id(&one), id(&one));
        assert!(id(&one).len() <= MAX_ID);
    }
}

proptest! {
    #[test]
    fn nothing_exceeds_the_limits_of_the_format(
        id in "\\PC{1,900}", annotation in prop::option::of("\\PC{0,900}"),
        text in "\\PC{1,900}", ja in any::<bool>(),
    ) {
        let mut facts = facts();
        facts.title = Message { en: text.clone(), ja: text.clone() };
        facts.fix = facts.title.clone();
        let judged = Judged {
            resource_id: &id,
            annotation: annotation.as_deref(),
            ..judged(Compliance::NonCompliant)
        };
        let language = if ja { Language::Ja } else { Language::En };
        let finding = finding(&facts, &judged, language);
        let length = |text: &str| text.chars().count();
        prop_assert!((1..=MAX_ID).contains(&length(&finding.id)));
        prop_assert!(finding.id.is_ascii() && !finding.id.contains(' '));
        prop_assert!((1..=MAX_TITLE).contains(&length(&finding.title)));
        prop_assert!((1..=MAX_DESCRIPTION).contains(&length(&finding.description)));
        if let Some(remediation) = &finding.remediation {
            prop_assert!(length(&remediation.recommendation.text) <= MAX_RECOMMENDATION);
        }
        prop_assert!(length(&finding.resources[0].id) <= 512);
        for (key, value) in &finding.product_fields {
            prop_assert!(length(key) <= 128);
            prop_assert!((1..=MAX_PRODUCT_FIELD).contains(&length(value)));
        }
        prop_assert!(serde_json::to_vec(&finding).unwrap().len() < MAX_FINDING_BYTES);
    }
}
