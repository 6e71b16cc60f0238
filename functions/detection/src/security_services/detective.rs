//! What Detective answers, and GuardDuty of its age.

use aws_sdk_detective::Client;
use aws_sdk_detective::types::{DatasourcePackage, MemberStatus};
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::error::Call;
use jiff::{SignedDuration, Timestamp};

use super::judge::Detective;

pub(super) const LIST_GRAPHS: &str = "detective:ListGraphs";
pub(super) const LIST_INVITATIONS: &str = "detective:ListInvitations";
pub(super) const LIST_MEMBERS: &str = "detective:ListMembers";
pub(super) const LIST_DATASOURCE_PACKAGES: &str = "detective:ListDatasourcePackages";
pub(super) const LIST_DETECTORS: &str = "guardduty:ListDetectors";
pub(super) const GET_DETECTOR: &str = "guardduty:GetDetector";

/// Where Detective is off both listings are empty, which is no error (an account with Detective
/// off gets `[]`: https://github.com/mondoohq/mql/pull/7609).
pub(super) async fn ask(
    sdk: &SdkConfig,
    grace_hours: i64,
    now: Timestamp,
) -> Result<Detective, Error> {
    let client = Client::new(sdk);
    if let Some(arn) = graph(&client).await? {
        let core = core(&client, &arn).await?;
        return Ok(Detective::Graph { core, idle: idle(&client, &arn).await? });
    }
    if is_member(&client).await? {
        return Ok(Detective::Member);
    }
    let created = guardduty_since(sdk).await?;
    let grace = SignedDuration::from_hours(grace_hours);
    let guardduty_is_new = created.is_some_and(|created| now.duration_since(created) < grace);
    Ok(Detective::Off { guardduty_is_new })
}

/// The graph that the account owns; it has at most one in a Region.
async fn graph(client: &Client) -> Result<Option<String>, Error> {
    let mut pages = client.list_graphs().into_paginator().send();
    while let Some(page) = pages.next().await {
        let graphs = page.call(LIST_GRAPHS)?.graph_list.unwrap_or_default();
        if let Some(graph) = graphs.into_iter().next() {
            return graph.arn.map(Some).ok_or_else(|| Error::Answer {
                action: LIST_GRAPHS,
                field: "GraphList[].Arn".to_owned(),
            });
        }
    }
    Ok(None)
}

/// Whether the account is an active member of somebody's graph.
async fn is_member(client: &Client) -> Result<bool, Error> {
    let mut pages = client.list_invitations().into_paginator().send();
    while let Some(page) = pages.next().await {
        let invitations = page.call(LIST_INVITATIONS)?.invitations.unwrap_or_default();
        if invitations.iter().any(|one| one.status == Some(MemberStatus::Enabled)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The state of the core package.
async fn core(client: &Client, graph: &str) -> Result<Option<String>, Error> {
    let request = client.list_datasource_packages().graph_arn(graph);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let packages = page.call(LIST_DATASOURCE_PACKAGES)?.datasource_packages;
        let core = packages.and_then(|mut all| all.remove(&DatasourcePackage::DetectiveCore));
        if let Some(core) = core {
            let state = core.datasource_package_ingest_state;
            return Ok(state.map(|state| state.as_str().to_owned()));
        }
    }
    Ok(None)
}

/// The members of the graph that are not active, and not just being verified.
async fn idle(client: &Client, graph: &str) -> Result<Vec<String>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: LIST_MEMBERS,
        field: format!("MemberDetails[].{field}"),
    };
    let mut pages = client.list_members().graph_arn(graph).into_paginator().send();
    let mut idle = Vec::new();
    while let Some(page) = pages.next().await {
        for member in page.call(LIST_MEMBERS)?.member_details.unwrap_or_default() {
            let status = member.status.ok_or_else(|| lacks("Status"))?;
            if !matches!(status, MemberStatus::Enabled | MemberStatus::VerificationInProgress) {
                idle.push(member.account_id.ok_or_else(|| lacks("AccountId"))?);
            }
        }
    }
    Ok(idle)
}

/// When GuardDuty was enabled in the Region; none when it is off.
async fn guardduty_since(sdk: &SdkConfig) -> Result<Option<Timestamp>, Error> {
    let client = aws_sdk_guardduty::Client::new(sdk);
    let mut ids = client.list_detectors().into_paginator().items().send();
    let Some(id) = ids.next().await else { return Ok(None) };
    let request = client.get_detector().detector_id(id.call(LIST_DETECTORS)?);
    let answer = request.send().await.call(GET_DETECTOR)?;
    let created = answer.created_at().and_then(|time| time.parse().ok());
    created
        .map(Some)
        .ok_or_else(|| Error::Answer { action: GET_DETECTOR, field: "CreatedAt".to_owned() })
}
