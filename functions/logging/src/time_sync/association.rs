//! The associations of State Manager that set up the time client on hosts.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{Association, AssociationFilter, AssociationFilterKey};
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Verdict, message};

use super::TIME_ASSOCIATION_NON_COMPLIANT;

pub(super) const LIST_ASSOCIATIONS: &str = "ssm:ListAssociations";

/// The states of an association on a node that are none of failure: done, or under way.
const WELL: [&str; 4] = ["Success", "Pending", "InProgress", "Associated"];

/// The verdict on the account by the associations of a document.
pub(super) async fn judge(client: &Client, document: &str) -> Result<Verdict, Error> {
    let filter =
        AssociationFilter::builder().key(AssociationFilterKey::Name).value(document).build();
    let filter = filter.map_err(|error| Error::Control(error.to_string()))?;
    let mut pages =
        client.list_associations().association_filter_list(filter).into_paginator().items().send();
    let mut associations = Vec::new();
    while let Some(association) = pages.next().await {
        associations.push(association.call(LIST_ASSOCIATIONS)?);
    }
    decide(document, &associations)
}

pub(super) fn decide(document: &str, associations: &[Association]) -> Result<Verdict, Error> {
    let lacks = |field: &str| Error::Answer {
        action: LIST_ASSOCIATIONS,
        field: format!("Associations[].{field}"),
    };
    let mut failing = Vec::new();
    for association in associations {
        let id = association.association_id().ok_or_else(|| lacks("AssociationId"))?;
        let overview = association.overview().ok_or_else(|| lacks("Overview"))?;
        let status = overview.status().ok_or_else(|| lacks("Overview.Status"))?;
        let nodes = overview.association_status_aggregated_count();
        let failed = nodes.is_some_and(|nodes| {
            nodes.iter().any(|(state, count)| *count > 0 && !WELL.contains(&state.as_str()))
        });
        if failed || !WELL.contains(&status) {
            failing.push(id);
        }
    }
    let mut failures = Failures::new();
    if associations.is_empty() {
        failures.because(
            &TIME_ASSOCIATION_NON_COMPLIANT,
            message!(
                "No association has the document {document}",
                "ドキュメント {document} の関連付けがありません"
            ),
        );
    } else if !failing.is_empty() {
        let Message { en, ja } = Message::named(&failing);
        failures.because(
            &TIME_ASSOCIATION_NON_COMPLIANT,
            message!(
                "Associations of {document} that failed on some node: {en}",
                "失敗したノードがある {document} の関連付け: {ja}"
            ),
        );
    }
    Ok(failures.into_verdict())
}
