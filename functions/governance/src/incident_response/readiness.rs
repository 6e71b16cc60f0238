//! The role of those who respond, their runbooks, and the work that waits for them.

use aws_sdk_ssm::types::{
    DocumentKeyValuesFilter, OpsItemFilter, OpsItemFilterKey, OpsItemFilterOperator,
};
use aws_types::SdkConfig;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::policy::{Effect, PolicyDocument, Principals};
use fisc_shared::{Error, Message, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::RUNBOOK_TAGS;
use super::response::DESCRIBE_DOCUMENT;

pub(super) const GET_ROLE: &str = "iam:GetRole";
pub(super) const LIST_DOCUMENTS: &str = "ssm:ListDocuments";
pub(super) const DESCRIBE_OPS_ITEMS: &str = "ssm:DescribeOpsItems";

/// Whether a time is longer ago than some days.
pub(super) fn is_older(time: Timestamp, days: i64, now: Timestamp) -> bool {
    now.duration_since(time) > SignedDuration::from_hours(days.saturating_mul(24))
}

/// Whether a trust policy trusts others than an account.
pub(super) fn trusts_others(policy: &PolicyDocument, account: &str) -> bool {
    policy
        .with_effect(Effect::Allow)
        .any(|statement| statement.principals.as_ref().is_none_or(|named| !is_of(named, account)))
}

fn is_of(named: &Principals, account: &str) -> bool {
    let owner = |principal: &str| match principal.split(':').nth(4) {
        Some(owner) => owner == account,
        None => principal == account,
    };
    !named.negated
        && named.service.is_empty()
        && named.federated.is_empty()
        && named.canonical.is_empty()
        && named.aws.iter().all(|principal| owner(principal))
}

/// A tag in the parameter: key and value.
pub(super) fn tag(text: &str) -> Result<(&str, &str), Error> {
    text.split_once('=')
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .ok_or_else(|| RUNBOOK_TAGS.spec.refuse("takes tags, each as key=value", text).into())
}

/// Asks IAM and Systems Manager.
pub(super) struct Readiness {
    iam: aws_sdk_iam::Client,
    ssm: aws_sdk_ssm::Client,
}

impl Readiness {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { iam: aws_sdk_iam::Client::new(sdk), ssm: aws_sdk_ssm::Client::new(sdk) }
    }

    /// What is wrong with the role of those who respond.
    pub(super) async fn role(
        &self,
        name: &str,
        trusted: Option<&str>,
    ) -> Result<Option<Message>, Error> {
        let answer = self.iam.get_role().role_name(name).send().await;
        let answer = match answer.call(GET_ROLE) {
            Err(error) if error.is("NoSuchEntity") => {
                return Ok(Some(message!(
                    "Role {name} does not exist",
                    "ロール {name} が存在しません"
                )));
            }
            answer => answer?,
        };
        let policy = answer.role.and_then(|role| role.assume_role_policy_document);
        let policy = policy.ok_or_else(|| Error::Answer {
            action: GET_ROLE,
            field: "Role.AssumeRolePolicyDocument".to_owned(),
        })?;
        let policy = PolicyDocument::from_text(&policy)?;
        let Some(account) = trusted.filter(|account| trusts_others(&policy, account)) else {
            return Ok(None);
        };
        Ok(Some(message!(
            "Role {name} trusts others than account {account}",
            "ロール {name} がアカウント {account} 以外を信頼しています"
        )))
    }

    /// When the newest of the own runbooks with one of the tags was updated; `None` without any.
    pub(super) async fn newest_runbook(
        &self,
        tags: &[(&str, &str)],
    ) -> Result<Option<Timestamp>, Error> {
        let filter = |key: &str, value: &str| {
            DocumentKeyValuesFilter::builder().key(key).values(value).build()
        };
        let mut newest = None;
        for (key, value) in tags {
            let mut pages = self
                .ssm
                .list_documents()
                .filters(filter("Owner", "Self"))
                .filters(filter("DocumentType", "Automation"))
                .filters(filter(&format!("tag:{key}"), value))
                .into_paginator()
                .items()
                .send();
            while let Some(document) = pages.next().await {
                let name = document.call(LIST_DOCUMENTS)?.name.ok_or_else(|| Error::Answer {
                    action: LIST_DOCUMENTS,
                    field: "DocumentIdentifiers[].Name".to_owned(),
                })?;
                newest = newest.max(Some(self.updated(&name).await?));
            }
        }
        Ok(newest)
    }

    /// When the latest version of a document was made.
    async fn updated(&self, name: &str) -> Result<Timestamp, Error> {
        let request = self.ssm.describe_document().name(name).document_version("$LATEST");
        let answer = request.send().await.call(DESCRIBE_DOCUMENT)?;
        let created = answer.document.and_then(|document| document.created_date);
        created.as_ref().and_then(from_sdk).ok_or_else(|| Error::Answer {
            action: DESCRIBE_DOCUMENT,
            field: "Document.CreatedDate".to_owned(),
        })
    }

    /// The OpsItems of severity 1 and 2 that have been open for too long.
    pub(super) async fn overdue(&self, days: i64, now: Timestamp) -> Result<Vec<String>, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_OPS_ITEMS,
            field: format!("OpsItemSummaries[].{field}"),
        };
        let filter = |key, values: &[&str]| {
            OpsItemFilter::builder()
                .key(key)
                .set_values(Some(values.iter().map(|&one| one.to_owned()).collect()))
                .operator(OpsItemFilterOperator::Equal)
                .build()
                .map_err(|error| Error::Control(error.to_string()))
        };
        let mut pages = self
            .ssm
            .describe_ops_items()
            .ops_item_filters(filter(OpsItemFilterKey::Status, &["Open", "InProgress"])?)
            .ops_item_filters(filter(OpsItemFilterKey::Severity, &["1", "2"])?)
            .into_paginator()
            .items()
            .send();
        let mut overdue = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.call(DESCRIBE_OPS_ITEMS)?;
            let created = item.created_time.as_ref().and_then(from_sdk);
            if is_older(created.ok_or_else(|| lacks("CreatedTime"))?, days, now) {
                overdue.push(item.ops_item_id.ok_or_else(|| lacks("OpsItemId"))?);
            }
        }
        Ok(overdue)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_role_trusts_one_account_only() {
        let others = |principal: Value| {
            let policy = json!({"Statement": [
                {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"},
            ]});
            trusts_others(&PolicyDocument::from_value(&policy).unwrap(), "999988887777")
        };
        for own in [
            json!({"AWS": "999988887777"}),
            json!({"AWS": "arn:aws:iam::999988887777:root"}),
            json!({"AWS": ["arn:aws:iam::999988887777:role/responder"]}),
        ] {
            assert!(!others(own.clone()), "{own}");
        }
        for other in [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": ["999988887777", "111122223333"]}),
            json!({"AWS": "arn:aws:iam::111122223333:root"}),
            json!({"Service": "ec2.amazonaws.com"}),
            json!({"Federated": "arn:aws:iam::999988887777:saml-provider/idp"}),
            json!({"AWS": "AIDAEXAMPLEEXAMPLE123"}),
        ] {
            assert!(others(other.clone()), "{other}");
        }
    }

    #[test]
    fn tags_have_a_key_and_a_value() {
        assert_eq!(tag("fisc:role=dr=runbook").unwrap(), ("fisc:role", "dr=runbook"));
        assert!(tag("fisc:role").is_err() && tag("=x").is_err() && tag("x=").is_err());
    }

    #[test]
    fn age_counts_in_days() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        assert!(!is_older("2026-11-16T00:00:00Z".parse().unwrap(), 7, now));
        assert!(is_older("2026-11-15T23:59:59Z".parse().unwrap(), 7, now));
    }
}
