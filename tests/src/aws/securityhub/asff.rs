//! The AWS Security Finding Format: what makes Security Hub refuse a finding.

use jiff::Timestamp;
use serde_json::Value;

const REQUIRED: [&str; 10] = [
    "SchemaVersion",
    "Id",
    "ProductArn",
    "GeneratorId",
    "AwsAccountId",
    "CreatedAt",
    "UpdatedAt",
    "Title",
    "Description",
    "Resources",
];

const OPTIONAL: [&str; 26] = [
    "Action",
    "CompanyName",
    "Compliance",
    "Confidence",
    "Criticality",
    "FindingProviderFields",
    "FirstObservedAt",
    "GeneratorDetails",
    "LastObservedAt",
    "Malware",
    "Network",
    "NetworkPath",
    "Note",
    "PatchSummary",
    "Process",
    "ProductFields",
    "ProductName",
    "RecordState",
    "Region",
    "RelatedFindings",
    "Remediation",
    "Severity",
    "SourceUrl",
    "Types",
    "UserDefinedFields",
    "Workflow",
];

const NAMESPACES: [&str; 5] = [
    "Software and Configuration Checks",
    "TTPs",
    "Effects",
    "Unusual Behaviors",
    "Sensitive Data Identifications",
];

const LABELS: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// Paths of texts and their lengths in characters.
const TEXTS: [(&str, usize); 14] = [
    ("/Id", 512),
    ("/GeneratorId", 512),
    ("/Title", 256),
    ("/Description", 1024),
    ("/ProductName", 128),
    ("/CompanyName", 128),
    ("/Region", 16),
    ("/SourceUrl", 2048),
    ("/Remediation/Recommendation/Text", 512),
    ("/Remediation/Recommendation/Url", 2048),
    ("/Severity/Original", 64),
    ("/FindingProviderFields/Severity/Original", 64),
    ("/Compliance/SecurityControlId", 256),
    ("/Note/Text", 512),
];

/// Paths of values out of a fixed set.
const ENUMS: [(&str, &[&str]); 7] = [
    ("/SchemaVersion", &["2018-10-08"]),
    ("/RecordState", &["ACTIVE", "ARCHIVED"]),
    ("/Workflow/Status", &["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"]),
    ("/Compliance/Status", &["PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"]),
    ("/Severity/Label", &LABELS),
    ("/FindingProviderFields/Severity/Label", &LABELS),
    ("/VerificationState", &["UNKNOWN", "TRUE_POSITIVE", "FALSE_POSITIVE", "BENIGN_POSITIVE"]),
];

/// Paths of lists and how many entries they hold.
const LISTS: [(&str, usize); 6] = [
    ("/Resources", 32),
    ("/Types", 50),
    ("/FindingProviderFields/Types", 50),
    ("/Compliance/RelatedRequirements", 32),
    ("/Compliance/StatusReasons", 20),
    ("/RelatedFindings", 10),
];

/// The first thing wrong with a finding, in the words of Security Hub.
pub(crate) fn problem(finding: &Value) -> Option<String> {
    let Some(map) = finding.as_object() else {
        return Some("data should be object".to_owned());
    };
    let size = finding.to_string().len();
    if size > 240 * 1024 {
        return Some(format!("data is {size} bytes, more than 240 KB"));
    }
    if let Some(name) = REQUIRED.iter().find(|name| !map.contains_key(**name)) {
        return Some(format!("data should have required property '{name}'"));
    }
    if let Some(name) = map.keys().find(|name| {
        !REQUIRED.contains(&name.as_str())
            && !OPTIONAL.contains(&name.as_str())
            && *name != "VerificationState"
    }) {
        return Some(format!("data should NOT have additional property '{name}'"));
    }
    let rated = map.contains_key("Severity") && map.contains_key("Types");
    if !map.contains_key("FindingProviderFields") && !rated {
        return Some("data should have required property 'FindingProviderFields', data should match some schema in anyOf".to_owned());
    }
    texts(finding)
        .or_else(|| {
            ENUMS.iter().find_map(|(path, set)| {
                let value = finding.pointer(path)?;
                (!value.as_str().is_some_and(|value| set.contains(&value))).then(|| {
                    format!("data{} should be equal to one of the allowed values", dotted(path))
                })
            })
        })
        .or_else(|| {
            LISTS.iter().find_map(|(path, max)| {
                let Some(list) = finding.pointer(path)?.as_array() else {
                    return Some(format!("data{} should be array", dotted(path)));
                };
                (list.len() > *max)
                    .then(|| format!("data{} should NOT have more than {max} items", dotted(path)))
            })
        })
        .or_else(|| times(finding))
        .or_else(|| types(finding))
        .or_else(|| requirements(finding))
        .or_else(|| resources(finding))
        .or_else(|| maps(finding))
}

fn dotted(path: &str) -> String {
    path.replace('/', ".")
}

fn length(value: &Value, path: &str, max: usize) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some(format!("data{path} should be string"));
    };
    if text.trim().is_empty() {
        return Some(format!("data{path} should NOT be shorter than 1 characters"));
    }
    (text.chars().count() > max)
        .then(|| format!("data{path} should NOT be longer than {max} characters"))
}

fn texts(finding: &Value) -> Option<String> {
    TEXTS.iter().find_map(|(path, max)| length(finding.pointer(path)?, &dotted(path), *max))
}

fn times(finding: &Value) -> Option<String> {
    ["CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"].iter().find_map(|name| {
        let text = finding.get(*name)?.as_str().unwrap_or_default();
        // A date alone, or blank instead of `T`, is not RFC 3339.
        let shaped = text.as_bytes().get(10) == Some(&b'T') && text.parse::<Timestamp>().is_ok();
        (!shaped).then(|| format!("data.{name} should match format \"date-time\""))
    })
}

fn types(finding: &Value) -> Option<String> {
    ["/Types", "/FindingProviderFields/Types"].iter().find_map(|path| {
        finding.pointer(path)?.as_array()?.iter().find_map(|kind| {
            let parts: Vec<&str> = kind.as_str().unwrap_or_default().split('/').collect();
            let good = parts.len() <= 3
                && parts.iter().all(|part| !part.is_empty())
                && NAMESPACES.contains(&parts[0]);
            (!good).then(|| {
                format!(
                    "data{} should match pattern \"namespace/category/classifier\"",
                    dotted(path)
                )
            })
        })
    })
}

fn requirements(finding: &Value) -> Option<String> {
    let list = finding.pointer("/Compliance/RelatedRequirements")?.as_array()?;
    list.iter()
        .enumerate()
        .find_map(|(at, one)| length(one, &format!(".Compliance.RelatedRequirements[{at}]"), 64))
}

fn resources(finding: &Value) -> Option<String> {
    let list = finding["Resources"].as_array()?;
    if list.is_empty() {
        return Some("data.Resources should NOT have fewer than 1 items".to_owned());
    }
    list.iter().enumerate().find_map(|(at, resource)| {
        let path = format!(".Resources[{at}]");
        for (name, max) in [("Type", 256), ("Id", 512)] {
            match resource.get(name) {
                None => return Some(format!("data{path} should have required property '{name}'")),
                Some(value) => {
                    if let Some(problem) = length(value, &format!("{path}.{name}"), max) {
                        return Some(problem);
                    }
                }
            }
        }
        let partition = resource.get("Partition").map(|one| one.as_str().unwrap_or_default());
        if partition.is_some_and(|one| !["aws", "aws-cn", "aws-us-gov"].contains(&one)) {
            return Some(format!(
                "data{path}.Partition should be equal to one of the allowed values"
            ));
        }
        if let Some(region) = resource.get("Region") {
            return length(region, &format!("{path}.Region"), 16);
        }
        None
    })
}

fn maps(finding: &Value) -> Option<String> {
    [("ProductFields", 2048), ("UserDefinedFields", 1024)].iter().find_map(|(name, max)| {
        let map = finding.get(*name)?.as_object()?;
        if map.len() > 50 {
            return Some(format!("data.{name} should NOT have more than 50 properties"));
        }
        map.iter().find_map(|(key, value)| {
            if key.chars().count() > 128 {
                return Some(format!("data.{name} property name '{key}' is invalid"));
            }
            length(value, &format!(".{name}['{key}']"), *max)
        })
    })
}
