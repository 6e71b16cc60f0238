//! IAM: the account summary, the credential report, virtual MFA devices, the account's identities
//! in detail, the password policy and login profiles.

mod details;

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::Value;

use super::protocol::{self, ApiError, Caller, escape};
use super::{ACCOUNT, FakeAws};
use details::Detail;
pub use details::{GroupDetail, PolicyDetail, RoleDetail, UserDetail};

/// What GetCredentialReport answers before anything is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Report {
    /// There is none.
    #[default]
    NotPresent,
    /// There is one, older than four hours.
    Expired,
    /// There is a fresh one.
    Ready,
}

const COLUMNS: [&str; 22] = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
];

/// A row of the credential report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUser(BTreeMap<String, String>);

impl CredentialUser {
    /// The root user of the default account, with a password and no MFA device.
    #[must_use]
    pub fn root() -> Self {
        Self::of("<root_account>", &format!("arn:aws:iam::{ACCOUNT}:root"))
            .set("password_enabled", "not_supported")
            .set("password_last_changed", "not_supported")
            .set("password_next_rotation", "not_supported")
            .set("password_last_used", "no_information")
    }

    /// A user of the default account, without any credentials.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self::of(name, &format!("arn:aws:iam::{ACCOUNT}:user/{name}"))
    }

    fn of(name: &str, arn: &str) -> Self {
        let mut row: BTreeMap<String, String> = COLUMNS
            .iter()
            .map(|&column| {
                let flag = column.ends_with("_active") || column.ends_with("_enabled");
                (column.to_owned(), if flag { "false" } else { "N/A" }.to_owned())
            })
            .collect();
        row.insert("user".to_owned(), name.to_owned());
        row.insert("arn".to_owned(), arn.to_owned());
        row.insert("user_creation_time".to_owned(), "2020-04-01T00:00:00+00:00".to_owned());
        Self(row)
    }

    /// The same row with another value in a column.
    #[must_use]
    pub fn set(mut self, column: &str, value: &str) -> Self {
        assert!(COLUMNS.contains(&column), "the credential report has no column {column}");
        self.0.insert(column.to_owned(), value.to_owned());
        self
    }
}

#[derive(Debug, Clone)]
struct Device {
    serial: String,
    user: Option<String>,
}

#[derive(Debug, Default)]
struct Identity {
    summary: BTreeMap<String, i64>,
    csv: String,
    report: Report,
    polls: usize,
    started: bool,
    devices: Vec<Device>,
    details: Vec<Detail>,
    password_policy: Option<String>,
    profiles: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    accounts: BTreeMap<String, Identity>,
    page: Option<usize>,
}

/// What tests set of IAM.
#[derive(Debug)]
pub struct Iam<'a> {
    aws: &'a FakeAws,
    account: String,
}

impl<'a> Iam<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned() }
    }

    /// IAM of another account.
    #[must_use]
    pub fn at(self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self }
    }

    fn change(&self, change: impl FnOnce(&mut Identity)) -> &Self {
        change(self.aws.state().iam.accounts.entry(self.account.clone()).or_default());
        self
    }

    /// Sets what the account summary says of the root user: `("AccountMFAEnabled", 1)`. What is
    /// not among the entries is not in the summary.
    pub fn set_summary(&self, entries: &[(&str, i64)]) -> &Self {
        self.change(|identity| {
            identity.summary =
                entries.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        })
    }

    /// Sets the rows of the credential report.
    pub fn set_report(&self, rows: &[CredentialUser]) -> &Self {
        let lines = rows.iter().map(|row| COLUMNS.map(|column| row.0[column].clone()).join(","));
        let header = COLUMNS.join(",");
        let csv = std::iter::once(header).chain(lines).collect::<Vec<_>>().join("\n");
        self.set_report_csv(&csv)
    }

    /// Sets the credential report as text.
    pub fn set_report_csv(&self, csv: &str) -> &Self {
        self.change(|identity| identity.csv = csv.to_owned())
    }

    /// Sets what there is of a report before one is generated.
    pub fn set_report_state(&self, report: Report) -> &Self {
        self.change(|identity| identity.report = report)
    }

    /// Lets the next `calls` of GenerateCredentialReport answer that the work has only started.
    pub fn report_takes(&self, calls: usize) -> &Self {
        self.change(|identity| identity.polls = calls)
    }

    /// Adds a virtual MFA device, assigned to the user with this ARN or to nobody.
    pub fn add_virtual_mfa(&self, serial: &str, user: Option<&str>) -> &Self {
        let device = Device { serial: serial.to_owned(), user: user.map(str::to_owned) };
        self.change(|identity| identity.devices.push(device))
    }

    /// Sets the users of the account.
    pub fn set_users(&self, users: &[UserDetail]) -> &Self {
        self.replace("User", users.iter().cloned().map(Detail::User))
    }

    /// Sets the groups of the account.
    pub fn set_groups(&self, groups: &[GroupDetail]) -> &Self {
        self.replace("Group", groups.iter().cloned().map(Detail::Group))
    }

    /// Sets the roles of the account.
    pub fn set_roles(&self, roles: &[RoleDetail]) -> &Self {
        self.replace("Role", roles.iter().cloned().map(Detail::Role))
    }

    /// Sets the customer managed policies of the account.
    pub fn set_policies(&self, policies: &[PolicyDetail]) -> &Self {
        self.replace("LocalManagedPolicy", policies.iter().cloned().map(Detail::Policy))
    }

    fn replace(&self, filter: &str, new: impl Iterator<Item = Detail>) -> &Self {
        self.change(|identity| {
            identity.details.retain(|detail| detail.filter() != filter);
            identity.details.extend(new);
        })
    }

    /// Sets the elements of the account's password policy: `("MinimumPasswordLength", "14")`.
    /// Without a policy, IAM answers that there is none.
    pub fn set_password_policy(&self, elements: Option<&[(&str, &str)]>) -> &Self {
        self.change(|identity| {
            identity.password_policy = elements.map(|elements| {
                elements.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect()
            });
        })
    }

    /// Gives a user a password.
    pub fn set_login_profile(&self, user: &str, created: Timestamp, reset: bool) -> &Self {
        self.change(|identity| {
            let xml = format!(
                "<UserName>{}</UserName><CreateDate>{}</CreateDate><PasswordResetRequired>{reset}</PasswordResetRequired>",
                escape(user),
                protocol::iso(created)
            );
            identity.profiles.insert(user.to_owned(), xml);
        })
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().iam.page = Some(size);
        self
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    form: &Value,
) -> Result<Option<String>, ApiError> {
    let page = state.page;
    let identity = state.accounts.entry(caller.account.clone()).or_default();
    let optional: &[&str] = match operation {
        "ListVirtualMFADevices" => &["AssignmentStatus", "Marker", "MaxItems"],
        "GetAccountAuthorizationDetails" => &["Filter.member.", "Marker", "MaxItems"],
        "GetLoginProfile" => &["UserName"],
        "GetAccountSummary"
        | "GenerateCredentialReport"
        | "GetCredentialReport"
        | "GetAccountPasswordPolicy" => &[],
        _ => return Ok(None),
    };
    parameters(form, optional)?;
    let xml = match operation {
        "GetAccountSummary" => summary(identity),
        "GenerateCredentialReport" => generate(identity),
        "GetCredentialReport" => report(identity)?,
        "GetAccountAuthorizationDetails" => details(identity, &caller.account, form, page)?,
        "GetAccountPasswordPolicy" => password_policy(identity, &caller.account)?,
        "GetLoginProfile" => login_profile(identity, form)?,
        _ => devices(identity, form, page)?,
    };
    Ok(Some(xml))
}

fn parameters(form: &Value, optional: &[&str]) -> Result<(), ApiError> {
    let names: BTreeSet<&str> =
        form.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    if form.get("Version").and_then(Value::as_str) != Some("2010-05-08") {
        return Err(ApiError::bad("InvalidAction", "Could not find operation for this version"));
    }
    match names
        .iter()
        .find(|name| !["Action", "Version"].contains(name) && !allowed(optional, name))
    {
        Some(name) => Err(ApiError::bad("ValidationError", format!("Unknown parameter {name}"))),
        None => Ok(()),
    }
}

/// Whether a parameter is among the optional ones; one that ends with a dot is a list.
fn allowed(optional: &[&str], name: &str) -> bool {
    optional.iter().any(|known| {
        let index = known.ends_with('.').then(|| name.strip_prefix(known)).flatten();
        *known == name || index.is_some_and(|index| index.parse::<usize>().is_ok_and(|n| n > 0))
    })
}

fn summary(identity: &Identity) -> String {
    let mut summary = BTreeMap::from([
        ("Users", 0),
        ("UsersQuota", 5000),
        ("Groups", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
    ]);
    summary.extend(identity.summary.iter().map(|(name, value)| (name.as_str(), *value)));
    let entries: String = summary
        .iter()
        .map(|(name, value)| format!("<entry><key>{name}</key><value>{value}</value></entry>"))
        .collect();
    format!("<SummaryMap>{entries}</SummaryMap>")
}

fn generate(identity: &mut Identity) -> String {
    if identity.polls > 0 {
        identity.polls -= 1;
        identity.report = Report::NotPresent;
        let state = if identity.started { "INPROGRESS" } else { "STARTED" };
        identity.started = true;
        return format!(
            "<State>{state}</State><Description>No report exists. Starting a new report generation task</Description>"
        );
    }
    identity.started = false;
    identity.report = Report::Ready;
    "<State>COMPLETE</State>".to_owned()
}

fn report(identity: &Identity) -> Result<String, ApiError> {
    if identity.started {
        return Err(ApiError::new(
            404,
            "ReportInProgress",
            "Credential report is still being generated",
        ));
    }
    match identity.report {
        Report::NotPresent => Err(ApiError::new(
            410,
            "ReportNotPresent",
            "No report exists. Call GenerateCredentialReport first",
        )),
        Report::Expired => Err(ApiError::new(
            410,
            "ReportExpired",
            "The most recent credential report has expired",
        )),
        Report::Ready => Ok(format!(
            "<Content>{}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>{}</GeneratedTime>",
            BASE64.encode(&identity.csv),
            protocol::iso(Timestamp::now())
        )),
    }
}

fn devices(identity: &Identity, form: &Value, page: Option<usize>) -> Result<String, ApiError> {
    let parameter = |name: &str| form.get(name).and_then(Value::as_str);
    let invalid = |message: String| ApiError::bad("ValidationError", message);
    let status = parameter("AssignmentStatus").unwrap_or("Any");
    if !["Assigned", "Unassigned", "Any"].contains(&status) {
        return Err(invalid(format!(
            "Value '{status}' at 'assignmentStatus' failed to satisfy constraint: Member must satisfy enum value set: [Assigned, Unassigned, Any]"
        )));
    }
    let limit = max_items(form)?;
    let found: Vec<Device> = identity
        .devices
        .iter()
        .filter(|device| match status {
            "Assigned" => device.user.is_some(),
            "Unassigned" => device.user.is_none(),
            _ => true,
        })
        .cloned()
        .collect();
    let size = page.map_or(limit, |page| page.min(limit));
    let (found, next) = protocol::page(&found, parameter("Marker"), size, status)
        .ok_or_else(|| invalid("Invalid Marker".to_owned()))?;
    let members: String = found.iter().map(member).collect();
    let marker = next.as_ref().map(|next| format!("<Marker>{next}</Marker>")).unwrap_or_default();
    Ok(format!(
        "<IsTruncated>{}</IsTruncated>{marker}<VirtualMFADevices>{members}</VirtualMFADevices>",
        next.is_some()
    ))
}

fn max_items(form: &Value) -> Result<usize, ApiError> {
    let given = form.get("MaxItems").and_then(Value::as_str);
    match given.map(str::parse::<usize>) {
        None => Ok(100),
        Some(Ok(limit)) if (1..=1000).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::bad(
            "ValidationError",
            "Value at 'maxItems' failed to satisfy constraint: Member must be between 1 and 1000",
        )),
    }
}

fn details(
    identity: &Identity,
    account: &str,
    form: &Value,
    page: Option<usize>,
) -> Result<String, ApiError> {
    let parameter = |name: &str| form.get(name).and_then(Value::as_str);
    let invalid = |message: String| ApiError::bad("ValidationError", message);
    let limit = max_items(form)?;
    let filters: Vec<&str> =
        (1..).map_while(|index| parameter(&format!("Filter.member.{index}"))).collect();
    let given = form.as_object().into_iter().flatten();
    if given.filter(|(name, _)| name.starts_with("Filter.")).count() != filters.len() {
        return Err(invalid("The members of Filter are not numbered from 1".to_owned()));
    }
    let types = details::FILTERS;
    if let Some(wrong) = filters.iter().find(|filter| !types.contains(filter)) {
        return Err(invalid(format!(
            "Value '[{wrong}]' at 'filter' failed to satisfy constraint: Member must satisfy enum value set: {types:?}"
        )));
    }
    let wanted: Vec<Detail> = identity
        .details
        .iter()
        .filter(|detail| filters.is_empty() || filters.contains(&detail.filter()))
        .cloned()
        .collect();
    let size = page.map_or(limit, |page| page.min(limit));
    let (found, next) = protocol::page(&wanted, parameter("Marker"), size, &filters.join(","))
        .ok_or_else(|| invalid("Invalid Marker".to_owned()))?;
    let marker = next.as_ref().map(|next| format!("<Marker>{next}</Marker>")).unwrap_or_default();
    Ok(format!(
        "<IsTruncated>{}</IsTruncated>{marker}{}",
        next.is_some(),
        details::lists(&found, account)
    ))
}

fn password_policy(identity: &Identity, account: &str) -> Result<String, ApiError> {
    let policy = identity.password_policy.as_ref().ok_or_else(|| {
        let message = format!("The Password Policy with domain name {account} cannot be found.");
        ApiError::new(404, "NoSuchEntity", message)
    })?;
    Ok(format!("<PasswordPolicy>{policy}</PasswordPolicy>"))
}

fn login_profile(identity: &Identity, form: &Value) -> Result<String, ApiError> {
    let user = form.get("UserName").and_then(Value::as_str).unwrap_or_default();
    let profile = identity.profiles.get(user).ok_or_else(|| {
        let message = format!("Login Profile for User {user} cannot be found.");
        ApiError::new(404, "NoSuchEntity", message)
    })?;
    Ok(format!("<LoginProfile>{profile}</LoginProfile>"))
}

fn member(device: &Device) -> String {
    let user = device.user.as_deref().map(|arn| {
        // The root user comes without a name and a path.
        let names = arn.rsplit_once('/').map(|(_, name)| {
            format!("<Path>/</Path><UserName>{}</UserName>", escape(name))
        });
        let id = if names.is_some() { "AIDATESTKIT0000000000" } else { arn.split(':').nth(4).unwrap_or_default() };
        format!(
            "<User>{}<UserId>{id}</UserId><Arn>{}</Arn><CreateDate>2020-04-01T00:00:00Z</CreateDate></User><EnableDate>2024-04-01T00:00:00Z</EnableDate>",
            names.unwrap_or_default(),
            escape(arn)
        )
    });
    format!(
        "<member><SerialNumber>{}</SerialNumber>{}</member>",
        escape(&device.serial),
        user.unwrap_or_default()
    )
}
