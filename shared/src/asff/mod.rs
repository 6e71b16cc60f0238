//! Findings in the AWS Security Finding Format (ASFF), the form that Security Hub takes.
//!
//! Only the attributes that this product uses. Lengths and values follow the API reference of
//! `AwsSecurityFinding` and the user guide, "AWS Security Finding Format (ASFF)".

mod facts;
mod finding;
mod id;

pub use facts::{Facts, FactsCriteria, FactsResource};
pub use finding::{Judged, finding, product_arn};
pub use id::finding_id;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::control::Severity;
use crate::text::Text;
use crate::verdict::Compliance;

/// The version of the format; the only one there is.
pub const SCHEMA_VERSION: &str = "2018-10-08";
/// What findings call their product, and the first part of every Id and GeneratorId.
pub const PRODUCT: &str = "fisc-config-rules";
/// The entry of the finding types' taxonomy.
pub const FINDING_TYPE: &str = "Software and Configuration Checks/Industry and Regulatory \
                                Standards/FISC Controls (Japan)";
/// Which editions the mapping of controls to criteria follows.
pub const EDITION: Text = Text::new(
    "AWS FISC reference (July 2023) and the consortium's companion reference, second edition \
     (August 2024)",
    "AWS の FISC 安全対策基準対応リファレンス（2023年7月）およびコンソーシアムのリファレンス第2版（2024年8月）",
);

/// The most entries of `Compliance.RelatedRequirements`.
pub const MAX_REQUIREMENTS: usize = 32;
/// The most findings of one BatchImportFindings call.
pub const MAX_FINDINGS: usize = 100;
/// The most bytes of one BatchImportFindings call (6 MB), with room for what surrounds the
/// findings.
pub const MAX_CALL_BYTES: usize = 6_000_000 - 10_000;
/// The most bytes of one finding (240 KB).
pub const MAX_FINDING_BYTES: usize = 240_000;

const MAX_ID: usize = 512;
const MAX_TITLE: usize = 256;
const MAX_DESCRIPTION: usize = 1024;
const MAX_RECOMMENDATION: usize = 512;
const MAX_REQUIREMENT: usize = 64;
const MAX_PRODUCT_FIELD: usize = 2048;

/// Keys of `ProductFields`. At most 50 pairs, keys of 128 and values of 2,048 characters.
pub mod product_field {
    /// The control's id.
    pub const CONTROL: &str = "fisc/Control";
    /// All criteria, the explicit ones first, without the limit of RelatedRequirements.
    pub const CRITERIA: &str = "fisc/Criteria";
    /// Those of the criteria that only follow from the text.
    pub const CRITERIA_IMPLIED: &str = "fisc/CriteriaImplied";
    /// The Config rule that gave the result.
    pub const RULE: &str = "fisc/ConfigRuleName";
    /// The resource's type, as AWS Config names it.
    pub const RESOURCE_TYPE: &str = "fisc/ResourceType";
    /// The resource's id, as AWS Config records it.
    pub const RESOURCE_ID: &str = "fisc/ResourceId";
    /// The compliance type, as AWS Config names it.
    pub const COMPLIANCE: &str = "fisc/ComplianceType";
    /// Who answers for a failing resource, why and until when, as a tag would say it.
    pub const EXEMPTION: &str = "fisc/Exemption";
    /// When the result was recorded. Unlike UpdatedAt, a refresh leaves it alone.
    pub const RECORDED: &str = "fisc/ResultRecordedTime";
    /// The editions that the mapping follows.
    pub const EDITION: &str = "fisc/Edition";
}

/// A finding: what one control says of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Finding {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// The same for every result of this control for this resource.
    pub id: String,
    /// The account's own product, for custom integrations.
    pub product_arn: String,
    /// Only custom integrations may set it: findings can be filtered by it.
    pub product_name: String,
    /// The control, after the product's name.
    pub generator_id: String,
    /// The account that holds the resource.
    pub aws_account_id: String,
    /// The taxonomy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// When the result was recorded.
    pub created_at: String,
    /// When the result was recorded. Security Hub ignores an update that is not newer.
    pub updated_at: String,
    /// What it weighs. `None` in a refresh, which must not touch what a customer set since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<FindingSeverity>,
    /// The control's id and title.
    pub title: String,
    /// Whether the requirement holds, the rule's annotation, and what the control asks for.
    pub description: String,
    /// How to fix a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Remediation>,
    /// Facts that the format has no attribute for; see [`product_field`].
    pub product_fields: BTreeMap<String, String>,
    /// The resource.
    pub resources: Vec<FindingResource>,
    /// The result and the criteria.
    pub compliance: FindingCompliance,
    /// Whether the finding still matters.
    pub record_state: RecordState,
    /// Severity and taxonomy as the provider sees them; customers may change the attributes of
    /// the same names above.
    pub finding_provider_fields: FindingProviderFields,
}

/// `Severity`, and the same within `FindingProviderFields`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingSeverity {
    /// The control's severity for a failure; else INFORMATIONAL, as Security Hub's own controls
    /// do.
    pub label: Label,
    /// The control's severity, whatever the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

/// `Remediation`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Remediation {
    /// The only member.
    pub recommendation: Recommendation,
}

/// `Remediation.Recommendation`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Recommendation {
    /// How to fix it.
    pub text: String,
    /// Where to read on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `Resources[]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingResource {
    /// ASFF name of the type, or `Other`.
    pub r#type: String,
    /// The ARN where it is known, else the id that AWS Config records.
    pub id: String,
    /// Left out where the format knows no such partition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// The Region.
    pub region: String,
}

/// `Compliance`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingCompliance {
    /// The result.
    pub status: Status,
    /// The criteria, the explicit ones first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_requirements: Vec<String>,
}

/// `FindingProviderFields`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindingProviderFields {
    /// What it weighs.
    pub severity: FindingSeverity,
    /// The taxonomy.
    pub types: Vec<String>,
}

/// An enumeration of the format: the variants and their names.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[serde(rename = $text)]
                $variant,
            )+
        }

        impl $name {
            /// The name in the format.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The variant of this name.
            #[must_use]
            pub fn named(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

names! {
    /// The label of a severity.
    Label {
        Informational = "INFORMATIONAL",
        Low = "LOW",
        Medium = "MEDIUM",
        High = "HIGH",
        Critical = "CRITICAL",
    }
}

names! {
    /// The status of a check. `WARNING` exists too; no result of AWS Config gives it.
    Status {
        Passed = "PASSED",
        Warning = "WARNING",
        Failed = "FAILED",
        NotAvailable = "NOT_AVAILABLE",
    }
}

names! {
    /// Whether a finding still matters.
    RecordState {
        Active = "ACTIVE",
        Archived = "ARCHIVED",
    }
}

impl From<Severity> for Label {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<Compliance> for Status {
    fn from(compliance: Compliance) -> Self {
        match compliance {
            Compliance::Compliant => Self::Passed,
            Compliance::NonCompliant => Self::Failed,
            Compliance::NotApplicable => Self::NotAvailable,
        }
    }
}

impl From<Compliance> for RecordState {
    fn from(compliance: Compliance) -> Self {
        match compliance {
            Compliance::Compliant | Compliance::NonCompliant => Self::Active,
            Compliance::NotApplicable => Self::Archived,
        }
    }
}

#[cfg(test)]
mod tests;
