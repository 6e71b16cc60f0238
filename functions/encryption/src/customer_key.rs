//! Whether a KMS key is one that the institution manages itself, from the name by which a resource
//! refers to it, and where the name is not enough, from KMS.
//!
//! Resources name keys by id, ARN, alias or alias ARN. Three of the answers need no call: an alias
//! under `alias/aws/` is AWS managed; a key of another account cannot be, since AWS managed keys
//! serve their own account only (and KMS may well refuse to describe it); and a key that is not
//! among the allowed ones is refused whatever it is.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::KeyMetadata;
use fisc_shared::error::Call;
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::{Action, Error, Message, Run, Text, message};

const DESCRIBE_KEY: &str = "kms:DescribeKey";

/// The action of [`KeyService::refusal`].
pub(crate) const ACTION: Action =
    Action::on(DESCRIBE_KEY, "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*");

/// The parameter of the same name, which several controls have.
pub(crate) const ALLOWED_KMS_KEY_ARNS: Param<Vec<String>> = Param::list(
    "allowedKmsKeyArns",
    &[],
    Text::new(
        "ARNs of the keys that may be used where a customer managed key is demanded (empty: any)",
        "カスタマー管理キーを求める場合に使用を認めるキーの ARN(空の場合は任意のキー)",
    ),
);

/// The keys that may be used; empty when any may.
///
/// # Errors
/// When one is not the ARN of a key or alias: it would never match, and refuse every key.
pub(crate) fn allowed(run: &Run<'_>) -> Result<Vec<String>, ParameterError> {
    let arns = run.parameters.get(&ALLOWED_KMS_KEY_ARNS);
    let wrong = arns.iter().find(|arn| {
        !Arn::parse(arn).is_some_and(|arn| {
            arn.resource.starts_with("key/") || arn.resource.starts_with("alias/")
        })
    });
    match wrong {
        None => Ok(arns),
        Some(wrong) => Err(ALLOWED_KMS_KEY_ARNS.spec.refuse("takes ARNs of KMS keys", wrong)),
    }
}

/// What the name of a key tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    /// A customer managed key of this other account, and allowed; its state is not known.
    OfAccount(&'a str),
    /// Not an accepted key, and why.
    Refused(Message),
    /// KMS must be asked.
    Ask(Question<'a>),
}

/// A key that KMS must be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question<'a> {
    name: &'a str,
    /// Whether the key would have to be in this account and Region, so that "not found" means
    /// that it was deleted.
    here: bool,
}

/// What the reference `name`, made in this account and Region, tells of the key.
pub(crate) fn by_name<'a>(
    name: &'a str,
    account: &str,
    region: &str,
    allowed: &[String],
) -> Known<'a> {
    let not_allowed = || !allowed.is_empty() && !allowed.iter().any(|arn| arn == name);
    let arn = Arn::parse(name);
    let resource = arn.as_ref().map_or(name, |arn| arn.resource);
    match arn {
        _ if resource.starts_with("alias/aws/") => Known::Refused(aws_managed()),
        Some(arn) if arn.account != account => {
            if not_allowed() {
                Known::Refused(foreign())
            } else {
                Known::OfAccount(arn.account)
            }
        }
        // An alias may stand for an allowed key.
        Some(arn) if arn.resource.starts_with("key/") && not_allowed() => Known::Refused(foreign()),
        Some(arn) => Known::Ask(Question { name, here: arn.region == region }),
        None => Known::Ask(Question { name, here: true }),
    }
}

/// The parts of a KMS ARN that matter here.
struct Arn<'a> {
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn" && service == "kms").then_some(Self { region, account, resource })
    }
}

/// Asks KMS.
#[derive(Debug)]
pub(crate) struct KeyService {
    client: Client,
}

impl KeyService {
    pub(crate) const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Why the key is not an accepted one; `None` when it is an enabled customer managed key, and
    /// allowed.
    pub(crate) async fn refusal(
        &self,
        question: &Question<'_>,
        allowed: &[String],
    ) -> Result<Option<Message>, Error> {
        let asked = self.client.describe_key().key_id(question.name).send().await;
        let answer = match asked.call(DESCRIBE_KEY) {
            Ok(answer) => answer,
            Err(error) if question.here && error.is("NotFoundException") => {
                return Ok(Some(message!(
                    "The KMS key no longer exists",
                    "KMS キーはすでに存在しません"
                )));
            }
            Err(error) => return Err(error.into()),
        };
        let metadata = answer.key_metadata.ok_or_else(|| missing("KeyMetadata"))?;
        refusal(question.name, &metadata, allowed)
    }
}

fn refusal(
    name: &str,
    metadata: &KeyMetadata,
    allowed: &[String],
) -> Result<Option<Message>, Error> {
    let manager = metadata.key_manager().ok_or_else(|| missing("KeyMetadata.KeyManager"))?;
    if manager.as_str() != "CUSTOMER" {
        return Ok(Some(aws_managed()));
    }
    let state = metadata.key_state().ok_or_else(|| missing("KeyMetadata.KeyState"))?.as_str();
    // A multi-Region key stays usable while its primary Region is updated.
    if state != "Enabled" && state != "Updating" {
        return Ok(Some(message!(
            "The KMS key is not enabled ({state})",
            "KMS キーは有効な状態ではありません({state})"
        )));
    }
    if !allowed.is_empty() {
        let arn = metadata.arn().ok_or_else(|| missing("KeyMetadata.Arn"))?;
        if !allowed.iter().any(|allowed| allowed == arn || allowed == name) {
            return Ok(Some(foreign()));
        }
    }
    Ok(None)
}

pub(crate) fn aws_managed() -> Message {
    message!(
        "The key is an AWS managed key",
        "カスタマー管理キーではなく AWS マネージドキーを使用しています"
    )
}

fn foreign() -> Message {
    message!(
        "The KMS key is not among allowedKmsKeyArns",
        "KMS キーが allowedKmsKeyArns に含まれていません"
    )
}

fn missing(field: &str) -> Error {
    Error::Answer { action: DESCRIBE_KEY, field: field.to_owned() }
}

#[cfg(test)]
mod tests;
