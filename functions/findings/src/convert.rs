//! Between the product's findings and the SDK's types.

use std::collections::BTreeMap;

use aws_sdk_securityhub::types as sdk;
use fisc_shared::asff::{
    Finding, FindingCompliance, FindingProviderFields, FindingResource, FindingSeverity, Label,
    Recommendation, RecordState, Remediation, Status,
};

/// The SDK's form of a finding.
#[must_use]
pub fn to_sdk(finding: &Finding) -> sdk::AwsSecurityFinding {
    let severity = finding.severity.as_ref().map(|severity| {
        sdk::Severity::builder()
            .label(severity.label.as_str().into())
            .set_original(severity.original.clone())
            .build()
    });
    let remediation = finding.remediation.as_ref().map(|Remediation { recommendation }| {
        let recommendation = sdk::Recommendation::builder()
            .text(&recommendation.text)
            .set_url(recommendation.url.clone())
            .build();
        sdk::Remediation::builder().recommendation(recommendation).build()
    });
    let compliance = &finding.compliance;
    sdk::AwsSecurityFinding::builder()
        .schema_version(&finding.schema_version)
        .id(&finding.id)
        .product_arn(&finding.product_arn)
        .product_name(&finding.product_name)
        .generator_id(&finding.generator_id)
        .aws_account_id(&finding.aws_account_id)
        .set_types(non_empty(&finding.types))
        .created_at(&finding.created_at)
        .updated_at(&finding.updated_at)
        .set_severity(severity)
        .title(&finding.title)
        .description(&finding.description)
        .set_remediation(remediation)
        .set_product_fields(Some(finding.product_fields.clone().into_iter().collect()))
        .set_resources(Some(finding.resources.iter().map(resource_to_sdk).collect()))
        .compliance(
            sdk::Compliance::builder()
                .status(compliance.status.as_str().into())
                .set_related_requirements(non_empty(&compliance.related_requirements))
                .build(),
        )
        .record_state(finding.record_state.as_str().into())
        .finding_provider_fields(provider_to_sdk(&finding.finding_provider_fields))
        .build()
}

fn resource_to_sdk(resource: &FindingResource) -> sdk::Resource {
    sdk::Resource::builder()
        .r#type(&resource.r#type)
        .id(&resource.id)
        .set_partition(resource.partition.as_deref().map(sdk::Partition::from))
        .region(&resource.region)
        .build()
}

fn provider_to_sdk(fields: &FindingProviderFields) -> sdk::FindingProviderFields {
    sdk::FindingProviderFields::builder()
        .severity(
            sdk::FindingProviderSeverity::builder()
                .label(fields.severity.label.as_str().into())
                .set_original(fields.severity.original.clone())
                .build(),
        )
        .set_types(non_empty(&fields.types))
        .build()
}

fn non_empty(texts: &[String]) -> Option<Vec<String>> {
    (!texts.is_empty()).then(|| texts.to_vec())
}

/// The part of a finding that this product imports, out of one that Security Hub holds; the error
/// names what it lacks.
///
/// Severity and Types stay out: customers may have changed them, and importing what they set as
/// if it were the provider's would be wrong. The provider's own are in FindingProviderFields.
///
/// # Errors
/// The name of an attribute that is missing or holds an unknown value.
pub fn from_sdk(held: &sdk::AwsSecurityFinding) -> Result<Finding, &'static str> {
    let provider = held.finding_provider_fields().ok_or("FindingProviderFields")?;
    let severity = provider.severity().ok_or("FindingProviderFields.Severity")?;
    let label = severity.label().and_then(|label| Label::named(label.as_str()));
    let compliance = held.compliance().ok_or("Compliance")?;
    let status = compliance.status().and_then(|status| Status::named(status.as_str()));
    let state = held.record_state().and_then(|state| RecordState::named(state.as_str()));
    let fields: BTreeMap<String, String> =
        held.product_fields().ok_or("ProductFields")?.clone().into_iter().collect();
    let text = |value: Option<&str>, name| value.map(str::to_owned).ok_or(name);
    Ok(Finding {
        schema_version: text(held.schema_version(), "SchemaVersion")?,
        id: text(held.id(), "Id")?,
        product_arn: text(held.product_arn(), "ProductArn")?,
        product_name: text(held.product_name(), "ProductName")?,
        generator_id: text(held.generator_id(), "GeneratorId")?,
        aws_account_id: text(held.aws_account_id(), "AwsAccountId")?,
        types: Vec::new(),
        created_at: text(held.created_at(), "CreatedAt")?,
        updated_at: text(held.updated_at(), "UpdatedAt")?,
        severity: None,
        title: text(held.title(), "Title")?,
        description: text(held.description(), "Description")?,
        remediation: remediation_from_sdk(held),
        // Security Hub adds some of its own and refuses imports that set them.
        product_fields: fields.into_iter().filter(|(key, _)| !key.starts_with("aws/")).collect(),
        resources: held
            .resources()
            .iter()
            .map(resource_from_sdk)
            .collect::<Option<_>>()
            .ok_or("Resources")?,
        compliance: FindingCompliance {
            status: status.ok_or("Compliance.Status")?,
            related_requirements: compliance.related_requirements().to_vec(),
        },
        record_state: state.ok_or("RecordState")?,
        finding_provider_fields: FindingProviderFields {
            severity: FindingSeverity {
                label: label.ok_or("FindingProviderFields.Severity.Label")?,
                original: severity.original().map(str::to_owned),
            },
            types: provider.types().to_vec(),
        },
    })
}

fn remediation_from_sdk(held: &sdk::AwsSecurityFinding) -> Option<Remediation> {
    let held = held.remediation()?.recommendation()?;
    let recommendation =
        Recommendation { text: held.text()?.to_owned(), url: held.url().map(str::to_owned) };
    Some(Remediation { recommendation })
}

fn resource_from_sdk(held: &sdk::Resource) -> Option<FindingResource> {
    Some(FindingResource {
        r#type: held.r#type()?.to_owned(),
        id: held.id()?.to_owned(),
        partition: held.partition().map(|partition| partition.as_str().to_owned()),
        region: held.region()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::{Controls, Rule};
    use fisc_shared::Language;
    use fisc_shared::asff::{Judged, finding};
    use fisc_shared::verdict::Compliance;
    use jiff::Timestamp;

    #[test]
    fn nothing_is_lost_there_and_back() {
        let controls = Controls::new("fisc").unwrap();
        let Rule::Control(facts) = controls.rule("fisc-s3-tls-only") else { panic!("known") };
        let judged = Judged {
            account_id: "111122223333",
            region: "ap-northeast-1",
            resource_type: "AWS::S3::Bucket",
            resource_id: "ledger",
            arn: None,
            compliance: Compliance::NonCompliant,
            annotation: Some("NO_BUCKET_POLICY: none"),
            rule_name: Some("fisc-s3-tls-only"),
            at: Timestamp::UNIX_EPOCH,
        };
        let whole = finding(facts, &judged, Language::Ja);
        let mut sdk = to_sdk(&whole);
        let again = from_sdk(&sdk).unwrap();
        assert_eq!(again, Finding { severity: None, types: Vec::new(), ..whole });

        // What customers and Security Hub add is not sent back.
        if let Some(fields) = &mut sdk.product_fields {
            fields.insert("aws/securityhub/ProductName".to_owned(), "Default".to_owned());
        }
        sdk.confidence = Some(3);
        assert_eq!(from_sdk(&sdk), Ok(again));

        sdk.compliance = None;
        assert_eq!(from_sdk(&sdk), Err("Compliance"));
    }
}
