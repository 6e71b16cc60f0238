//! Documents of Systems Manager. Their items do not tell with whom they are shared.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::DocumentPermissionType;
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{ConfigurationItem, Error, Verdict};

use super::requirements::*;
use super::snapshots::ALL;

pub(super) const DESCRIBE_PERMISSION: &str = "ssm:DescribeDocumentPermission";

/// What names of documents may not begin with, unless AWS made them.
const RESERVED: [&str; 3] = ["aws", "amazon", "amzn"];

fn name(item: &ConfigurationItem) -> Result<String, ItemError> {
    let fields = item.configuration()?;
    fields.text("Name")?.map(str::to_owned).ok_or_else(|| fields.missing("Name"))
}

pub(super) fn preview(item: &ConfigurationItem) -> Result<Option<Verdict>, Error> {
    let name = name(item)?.to_ascii_lowercase();
    let reserved = RESERVED.iter().any(|prefix| name.starts_with(prefix));
    Ok(reserved.then(|| Verdict::not_applicable(&AWS_OWNED_DOCUMENT)))
}

pub(super) async fn judge(client: &Client, item: &ConfigurationItem) -> Result<Verdict, Error> {
    let name = name(item)?;
    let mut failures = Failures::new();
    match is_public(client, &name).await {
        Ok(Some(true)) => failures.add(&DOCUMENT_PUBLIC),
        Ok(Some(false)) => {}
        Ok(None) => return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE)),
        Err(error) => return Err(error),
    }
    Ok(failures.into_verdict())
}

/// Whether everybody may use the document; `None` when there is none.
async fn is_public(client: &Client, name: &str) -> Result<Option<bool>, Error> {
    let mut token: Option<String> = None;
    loop {
        let answer = client
            .describe_document_permission()
            .name(name)
            .permission_type(DocumentPermissionType::Share)
            .set_next_token(token.clone())
            .send()
            .await
            .call(DESCRIBE_PERMISSION);
        let page = match answer {
            Ok(page) => page,
            Err(error) if error.is("InvalidDocument") => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if page.account_ids().iter().any(|account| account.eq_ignore_ascii_case(ALL)) {
            return Ok(Some(true));
        }
        let next = page.next_token.filter(|next| !next.is_empty());
        if next.is_some() && next == token {
            let field = "NextToken other than the last one".to_owned();
            return Err(Error::Answer { action: DESCRIBE_PERMISSION, field });
        }
        let Some(next) = next else { return Ok(Some(false)) };
        token = Some(next);
    }
}
