//! Builds a finding from a control's facts and one result.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    EDITION, FINDING_TYPE, Facts, Finding, FindingCompliance, FindingProviderFields,
    FindingResource, FindingSeverity, Label, MAX_DESCRIPTION, MAX_PRODUCT_FIELD,
    MAX_RECOMMENDATION, MAX_REQUIREMENT, MAX_REQUIREMENTS, MAX_TITLE, PRODUCT, Recommendation,
    Remediation, SCHEMA_VERSION, finding_id, product_field,
};
use crate::annotation::cut;
use crate::exemption::{Exemption, in_annotation};
use crate::resource::partition;
use crate::text::{Language, Text};
use crate::verdict::{Compliance, Evaluated};

/// The partitions that the format knows.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// The longest resource id that Security Hub takes.
const MAX_RESOURCE_ID: usize = 512;

/// The longest annotation within a description; AWS Config itself allows 256 characters.
const MAX_ANNOTATION: usize = 480;

const HOLDS: Text = Text::new("The requirement holds", "要件を満たしています");
const FAILS: Text = Text::new("The requirement fails", "要件を満たしていません");
const EXEMPT: Text = Text::new(
    "The requirement fails; the resource is exempt",
    "要件を満たしていませんが、適用除外とされています",
);
const DOES_NOT_APPLY: Text = Text::new("The requirement does not apply", "要件の対象外です");

/// One result of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged<'a> {
    /// Account that holds the resource; findings are imported by it.
    pub account_id: &'a str,
    /// Region whose Security Hub gets the finding.
    pub region: &'a str,
    /// Type of the resource, as AWS Config names it.
    pub resource_type: &'a str,
    /// Id of the resource, as AWS Config records it.
    pub resource_id: &'a str,
    /// ARN of the resource; derived from type and id where it is not given.
    pub arn: Option<&'a str>,
    /// The result.
    pub compliance: Compliance,
    /// The reason codes and their values, in the language of the findings.
    pub annotation: Option<&'a str>,
    /// The Config rule, if one gave the result.
    pub rule_name: Option<&'a str>,
    /// When the result was recorded.
    pub at: Timestamp,
}

impl<'a> Judged<'a> {
    /// A result that this process came to itself. `home_region` stands in for `global`, which is
    /// no Region that has a Security Hub.
    #[must_use]
    pub fn of(evaluated: &'a Evaluated, annotation: Option<&'a str>, home_region: &'a str) -> Self {
        let resource = &evaluated.resource;
        let region = match resource.region.as_str() {
            "" | "global" => home_region,
            region => region,
        };
        Self {
            account_id: &resource.account_id,
            region,
            resource_type: &resource.resource_type,
            resource_id: &resource.id,
            arn: resource.arn.as_deref(),
            compliance: evaluated.verdict.compliance(),
            annotation,
            rule_name: None,
            at: evaluated.at,
        }
    }
}

/// The ARN of the product under which an account imports findings of its own tools.
#[must_use]
pub fn product_arn(account_id: &str, region: &str) -> String {
    let partition = partition(region);
    format!("arn:{partition}:securityhub:{region}:{account_id}:product/{account_id}/default")
}

/// The finding of a result.
#[must_use]
pub fn finding(facts: &Facts, judged: &Judged<'_>, language: Language) -> Finding {
    // The format asks for RFC 3339; milliseconds are what AWS Config gives.
    let at = format!("{:.3}", judged.at);
    let severity = severity(facts.severity, judged.compliance);
    let types = vec![FINDING_TYPE.to_owned()];
    Finding {
        schema_version: SCHEMA_VERSION.to_owned(),
        id: finding_id(
            judged.account_id,
            judged.region,
            &facts.id,
            judged.resource_type,
            judged.resource_id,
        ),
        product_arn: product_arn(judged.account_id, judged.region),
        product_name: PRODUCT.to_owned(),
        generator_id: facts.generator_id(),
        aws_account_id: judged.account_id.to_owned(),
        types: types.clone(),
        created_at: at.clone(),
        updated_at: at.clone(),
        severity: Some(severity.clone()),
        title: cut(&format!("[{}] {}", facts.id, facts.title.get(language)), MAX_TITLE),
        description: description(facts, judged, language),
        remediation: remediation(facts, language),
        product_fields: product_fields(facts, judged, at, language),
        resources: vec![resource(facts, judged)],
        compliance: FindingCompliance {
            status: judged.compliance.into(),
            related_requirements: facts
                .criteria()
                .filter(|criterion| !criterion.trim().is_empty())
                .take(MAX_REQUIREMENTS)
                .map(|criterion| cut(criterion, MAX_REQUIREMENT))
                .collect(),
        },
        record_state: judged.compliance.into(),
        finding_provider_fields: FindingProviderFields { severity, types },
    }
}

fn severity(label: Label, compliance: Compliance) -> FindingSeverity {
    FindingSeverity {
        label: match compliance {
            Compliance::NonCompliant => label,
            Compliance::Compliant | Compliance::NotApplicable => Label::Informational,
        },
        original: Some(label.as_str().to_owned()),
    }
}

fn description(facts: &Facts, judged: &Judged<'_>, language: Language) -> String {
    let outcome = match judged.compliance {
        Compliance::Compliant => HOLDS,
        Compliance::NonCompliant => FAILS,
        Compliance::NotApplicable if exemption(judged).is_some() => EXEMPT,
        Compliance::NotApplicable => DOES_NOT_APPLY,
    }
    .get(language);
    let title = facts.title.get(language);
    let edition = EDITION.get(language);
    let annotation = judged.annotation.map(str::trim).filter(|text| !text.is_empty());
    let annotation = annotation.map(|text| cut(text, MAX_ANNOTATION));
    let text = match language {
        Language::Ja => {
            let reason = annotation.map(|text| format!("（{text}）")).unwrap_or_default();
            format!("{outcome}{reason}。コントロール: {title}。基準との対応付け: {edition}。")
        }
        Language::En => {
            let reason = annotation.map(|text| format!(" ({text})")).unwrap_or_default();
            format!("{outcome}{reason}. Control: {title}. Mapping to the criteria: {edition}.")
        }
    };
    cut(&text, MAX_DESCRIPTION)
}

/// The exemption of which the annotation tells.
fn exemption(judged: &Judged<'_>) -> Option<Exemption> {
    let told = judged.annotation.filter(|_| judged.compliance == Compliance::NotApplicable)?;
    in_annotation(told)
}

fn remediation(facts: &Facts, language: Language) -> Option<Remediation> {
    let text = facts.fix.get(language).trim();
    let url = Some(facts.reference.clone()).filter(|url| !url.is_empty());
    (!text.is_empty()).then(|| Remediation {
        recommendation: Recommendation { text: cut(text, MAX_RECOMMENDATION), url },
    })
}

fn product_fields(
    facts: &Facts,
    judged: &Judged<'_>,
    at: String,
    language: Language,
) -> BTreeMap<String, String> {
    let joined = |criteria: Vec<&str>| criteria.join(", ");
    let implied = facts.criteria.implied.iter().map(String::as_str).collect();
    [
        (product_field::CONTROL, facts.id.clone()),
        (product_field::CRITERIA, joined(facts.criteria().collect())),
        (product_field::CRITERIA_IMPLIED, joined(implied)),
        (product_field::RULE, judged.rule_name.unwrap_or_default().to_owned()),
        (product_field::RESOURCE_TYPE, judged.resource_type.to_owned()),
        (product_field::RESOURCE_ID, judged.resource_id.to_owned()),
        (product_field::COMPLIANCE, judged.compliance.as_str().to_owned()),
        (
            product_field::EXEMPTION,
            exemption(judged).map(|one| one.to_string()).unwrap_or_default(),
        ),
        (product_field::RECORDED, at),
        (product_field::EDITION, EDITION.get(language).to_owned()),
    ]
    .into_iter()
    // The API refuses empty values.
    .filter(|(_, value)| !value.trim().is_empty())
    .map(|(key, value)| (key.to_owned(), cut(&value, MAX_PRODUCT_FIELD)))
    .collect()
}

fn resource(facts: &Facts, judged: &Judged<'_>) -> FindingResource {
    let Judged { account_id, region, resource_type, resource_id, .. } = *judged;
    let (kind, id) = facts.resource(resource_type, resource_id, account_id, region);
    let id = judged.arn.map_or(id, str::to_owned);
    FindingResource {
        r#type: kind,
        id: cut(&id, MAX_RESOURCE_ID),
        partition: Some(partition(region))
            .filter(|partition| PARTITIONS.contains(partition))
            .map(str::to_owned),
        region: region.to_owned(),
    }
}
