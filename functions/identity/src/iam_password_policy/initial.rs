//! The verdict on each user: whether the password is still the one that was issued.

use aws_sdk_iam::Client;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

use super::{
    GET_LOGIN_PROFILE, INITIAL_PASSWORD_GRACE_HOURS, INITIAL_PASSWORD_NOT_CHANGED,
    NO_CONSOLE_PASSWORD, PASSWORD_ISSUED_LATELY, PASSWORD_RESET_REQUIRED,
};
use crate::account_details::User;
use crate::credential_report::{Password, Row};

/// The report and the login profile note the time when a password is issued each for itself.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(10);

/// What IAM says of a user's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Profile {
    /// When it was issued; a change does not move it.
    pub(super) issued: Timestamp,
    pub(super) reset_required: bool,
}

/// The verdicts on the users, in their order.
pub(super) async fn verdicts(
    client: &Client,
    users: &[(&Row, &User)],
    run: &Run<'_>,
) -> Result<Vec<Verdict>, Error> {
    // Collected first: the compiler cannot tell that a stream's closure over references is Send.
    let judged: Vec<_> = users.iter().map(|&(row, _)| judge(client, row, run)).collect();
    stream::iter(judged).buffered(CONCURRENCY).try_collect().await
}

/// Only a user with a password is asked about.
async fn judge(client: &Client, row: &Row, run: &Run<'_>) -> Result<Verdict, Error> {
    let Some(password) = row.password()? else {
        return Ok(Verdict::not_applicable(&NO_CONSOLE_PASSWORD));
    };
    decide(row, password, profile(client, row.user()).await?, run)
}

/// `None`: the password was deleted since the report.
async fn profile(client: &Client, user: &str) -> Result<Option<Profile>, Error> {
    let answer = client.get_login_profile().user_name(user).send().await.call(GET_LOGIN_PROFILE);
    let profile = match answer {
        Err(error) if error.is("NoSuchEntity") => return Ok(None),
        answer => answer?.login_profile,
    };
    let issued = profile.as_ref().and_then(|profile| from_sdk(&profile.create_date));
    let (Some(profile), Some(issued)) = (profile, issued) else {
        let field = "LoginProfile.CreateDate".to_owned();
        return Err(Error::Answer { action: GET_LOGIN_PROFILE, field });
    };
    Ok(Some(Profile { issued, reset_required: profile.password_reset_required }))
}

pub(super) fn decide(
    row: &Row,
    password: Password,
    profile: Option<Profile>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let Some(Profile { issued, reset_required }) = profile else {
        return Ok(Verdict::not_applicable(&NO_CONSOLE_PASSWORD));
    };
    if reset_required {
        return Ok(Verdict::Compliant(vec![PASSWORD_RESET_REQUIRED.reason()]));
    }
    let age = run.now.duration_since(issued);
    if age <= SignedDuration::from_hours(run.parameters.get(&INITIAL_PASSWORD_GRACE_HOURS)) {
        return Ok(Verdict::Compliant(vec![PASSWORD_ISSUED_LATELY.reason()]));
    }
    let changed = password.changed.ok_or_else(|| row.missing("password_last_changed"))?;
    let mut failures = Failures::new();
    if changed.duration_since(issued) <= TOLERANCE {
        let (name, days) = (row.user(), age.as_hours() / 24);
        failures.because(
            &INITIAL_PASSWORD_NOT_CHANGED,
            message!(
                "User {name} still has the password that was issued {days} days ago",
                "ユーザー {name} のパスワードが {days} 日前の発行時から変更されていません"
            ),
        );
    }
    Ok(failures.into_verdict())
}
