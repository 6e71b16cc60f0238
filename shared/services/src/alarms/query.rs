//! Queries of Metrics Insights.

use std::collections::BTreeSet;

/// Whether a query asks for a metric: of all resources, or (`Some(false)`) of those that meet
/// conditions.
pub(super) fn asked(query: &str, namespace: &str, name: &str) -> Option<bool> {
    let words = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = words.to_ascii_uppercase();
    if !upper.starts_with("SELECT ") {
        return None;
    }
    let from = upper.find(" FROM ")?;
    let (select, source) = (words.get(..from)?, words.get(from..)?);
    let condition = upper.get(from..)?.find(" WHERE ");
    let source = source.get(..condition.unwrap_or(source.len()))?;
    let parts = |text: &str| -> BTreeSet<String> {
        let parts = text.split(|c: char| "()\"', ".contains(c));
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    // A name with blanks stands in quotes.
    let selected = parts(select).contains(name) || select.contains(&format!("\"{name}\""));
    (selected && parts(source).contains(namespace)).then_some(condition.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_ask_for_all_or_for_some() {
        for (query, expected) in [
            (
                r#"SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId"#,
                Some(true),
            ),
            (r#"select avg("CPUUtilization") from "AWS/EC2""#, Some(true)),
            (
                r#"SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) WHERE InstanceId = 'i-9'"#,
                Some(false),
            ),
            (r#"SELECT MAX(CPUUtilization) FROM "AWS/RDS""#, None),
            (r#"SELECT MAX(NetworkIn) FROM "AWS/EC2""#, None),
            ("m1 / m2", None),
        ] {
            assert_eq!(asked(query, "AWS/EC2", "CPUUtilization"), expected, "{query}");
        }
    }
}
