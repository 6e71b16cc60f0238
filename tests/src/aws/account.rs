//! Account management (Regions), and STS's answer to "who am I".

use serde_json::{Value, json};

use super::protocol::{self, ApiError, Caller};
use super::validate as check;
use super::{ACCOUNT, FakeAws};

const STATUSES: [&str; 5] = ["ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT"];

/// The Regions of an account that set none.
const DEFAULT_REGIONS: [(&str, &str); 6] = [
    ("ap-east-1", "DISABLED"),
    ("ap-northeast-1", "ENABLED_BY_DEFAULT"),
    ("ap-northeast-3", "ENABLED_BY_DEFAULT"),
    ("eu-west-1", "ENABLED_BY_DEFAULT"),
    ("us-east-1", "ENABLED_BY_DEFAULT"),
    ("us-west-2", "ENABLED_BY_DEFAULT"),
];

#[derive(Debug, Default)]
pub(crate) struct State {
    regions: Vec<(String, String, String)>,
    page: Option<usize>,
}

/// What tests set of account management.
#[derive(Debug)]
pub struct Account<'a> {
    aws: &'a FakeAws,
    account: String,
}

impl<'a> Account<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned() }
    }

    /// Another account.
    #[must_use]
    pub fn at(self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self }
    }

    /// Sets all Regions with their opt-in status.
    pub fn set_regions(&self, regions: &[(&str, &str)]) -> &Self {
        let mut state = self.aws.state();
        state.account.regions.retain(|(account, ..)| *account != self.account);
        for (region, status) in regions {
            assert!(STATUSES.contains(status), "there is no opt-in status {status}");
            state.account.regions.push((
                self.account.clone(),
                (*region).to_owned(),
                (*status).to_owned(),
            ));
        }
        drop(state);
        self
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().account.page = Some(size);
        self
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    if operation != "ListRegions" {
        return Ok(None);
    }
    let optional = ["AccountId", "MaxResults", "NextToken", "RegionOptStatusContains"];
    let input = check::members(body, "", &[], &optional)?;
    if check::text(input, "AccountId", 12, 12)?.is_some() {
        // Naming an account is for the management account, and even there not for itself.
        return Err(ApiError::new(
            403,
            "AccessDeniedException",
            "You do not have sufficient access to perform this operation on that account.",
        ));
    }
    let wanted = check::list(input, "RegionOptStatusContains", usize::MAX)?;
    for status in wanted {
        check::one_of("regionOptStatusContains", status.as_str().unwrap_or_default(), &STATUSES)?;
    }
    let limit = check::integer(input, "MaxResults", 1, 50)?.unwrap_or(20);
    let own: Vec<(&str, &str)> = state
        .regions
        .iter()
        .filter(|(account, ..)| *account == caller.account)
        .map(|(_, region, status)| (region.as_str(), status.as_str()))
        .collect();
    let all = if own.is_empty() { DEFAULT_REGIONS.to_vec() } else { own };
    let regions: Vec<Value> = all
        .into_iter()
        .filter(|(_, status)| wanted.is_empty() || wanted.contains(&json!(status)))
        .map(|(region, status)| json!({"RegionName": region, "RegionOptStatus": status}))
        .collect();
    let token = check::text(input, "NextToken", 0, 1000)?;
    let size = state.page.map_or(limit, |page| page.min(limit));
    let (regions, next) = protocol::page(&regions, token, size, &format!("regions {wanted:?}"))
        .ok_or_else(|| ApiError::bad("ValidationException", "Invalid NextToken"))?;
    let mut output = json!({"Regions": regions});
    if let Some(next) = next {
        output["NextToken"] = json!(next);
    }
    Ok(Some(output))
}

/// GetCallerIdentity; nothing else of STS.
pub(crate) fn identity(caller: &Caller, operation: &str) -> Option<String> {
    let account = &caller.account;
    (operation == "GetCallerIdentity").then(|| {
        format!("<Arn>arn:aws:sts::{account}:assumed-role/fisc-role/fisc</Arn><UserId>AROATESTKIT0000000000:fisc</UserId><Account>{account}</Account>")
    })
}
