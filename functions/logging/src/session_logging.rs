//! `session-logging`: Session Manager transcripts are written, encrypted, kept outside the
//! operating account, and cannot be bypassed.
//!
//! Session Manager gives a shell without ports and keys, and without a record, unless its
//! preferences name a destination. The preferences are a document of type Session, one of a fixed
//! name for the Region and any number that somebody may choose instead of it; what is in them is
//! not in the configuration item, so that the service is asked, on a schedule too. Sessions of
//! SSH and port forwarding leave no transcript whatever is set: IAM policies that let people start
//! them are judged by their items.
//!
//! Sessions run by the latest version of a document (the console shows the default one), so that
//! version is read. Inline policies, and those that AWS manages, are not seen here.
//!
//! Criteria: 実19, 実37, 実38 ask for it. To fix it, set the preferences of Session Manager: an S3
//! bucket of the log archive account or a log group that is forwarded there, with encryption; and
//! take the documents without transcript out of the policies.

mod destinations;
mod documents;
mod policies;
mod requirements;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};

use destinations::Destinations;
use documents::Documents;
use requirements::{
    ARCHIVE_ACCOUNT, DESTINATION_NOT_FOUND, DESTINATION_NOT_PROTECTED, LISTED_POLICY,
    LOG_NOT_ENCRYPTED, NO_LOG_DESTINATION, NO_MANAGED_NODE, NO_SESSION_RIGHT, NO_TRANSCRIPT_KIND,
    NOT_A_SESSION_DOCUMENT, OWNER_NOT_VERIFIED, POLICY_NOT_ATTACHED, PREFERENCES_MISSING,
    UNLOGGED_SESSION_ALLOWED,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "session-logging",
    domain: Domain::Logging,
    severity: Severity::High,
    title: Text::new(
        "Session Manager transcripts are written, encrypted, kept outside the operating account, \
         and cannot be bypassed",
        "Session Manager の操作ログを暗号化して記録し、運用アカウント外に保管し、記録されない接続を\
         許可していない",
    ),
    why: Text::new(
        "A shell on a server can do anything. What operators did there is known from the \
         transcript only, and it is evidence only where those whom it is about cannot remove it \
         and cannot take a way around it.",
        "サーバーのシェルではあらゆる操作が可能です。運用者が何をしたかは操作ログからしか分からず、\
         操作した本人が削除も回避もできない場所にあってこそ証跡になります。",
    ),
    fix: Text::new(
        "In Systems Manager > Session Manager > Preferences > Edit choose an S3 bucket of the log \
         archive account, or a log group with streaming and a subscription to the archive, both \
         with encryption enforced. In policies that allow ssm:StartSession name the allowed \
         documents instead of *, and leave out AWS-StartSSHSession and the port forwarding \
         documents.",
        "Systems Manager の「Session Manager」>「設定」>「編集」で、ログ保管アカウントの S3 \
         バケット、または保管先へのサブスクリプションを設定したロググループを出力先とし、暗号化を\
         必須にします。ssm:StartSession を許可するポリシーでは、* ではなく許可するドキュメントを\
         指定し、AWS-StartSSHSession とポートフォワーディングのドキュメントを除きます。",
    ),
    remedy: Remedy::new(
        include_str!("session_logging/remedy.sh"),
        include_str!("session_logging/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html",
    criteria: Criteria { explicit: &["実19", "実37", "実38"], implied: &["実10", "実15"] },
    resources: &[ResourceType::ACCOUNT, ResourceType::SSM_DOCUMENT, ResourceType::IAM_POLICY],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(documents::LIST_DOCUMENTS),
        Action::on(documents::GET_DOCUMENT, documents::OWN_DOCUMENTS),
        Action::any(documents::DESCRIBE_INSTANCE_INFORMATION),
        Action::on(
            destinations::DESCRIBE_LOG_GROUPS,
            "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*",
        ),
        Action::on(destinations::DESCRIBE_SUBSCRIPTION_FILTERS, fisc_shared::grant::LOG_GROUPS),
        Action::any(destinations::DESCRIBE_ACCOUNT_POLICIES),
        Action::any(destinations::LIST_BUCKETS),
        Action::on(destinations::HEAD_BUCKET, fisc_shared::grant::BUCKETS),
    ],
    parameters: &[
        PREFERENCES_DOCUMENT.spec,
        REQUIRED_DESTINATION.spec,
        REQUIRE_ENCRYPTION.spec,
        LOG_ARCHIVE_ACCOUNT_IDS.spec,
        LOG_ARCHIVE_DESTINATION_ARNS.spec,
        DENIED_DOCUMENTS.spec,
        ALLOWED_POLICY_ARNS.spec,
    ],
    requirements: &[
        &PREFERENCES_MISSING,
        &NO_LOG_DESTINATION,
        &LOG_NOT_ENCRYPTED,
        &DESTINATION_NOT_FOUND,
        &DESTINATION_NOT_PROTECTED,
        &UNLOGGED_SESSION_ALLOWED,
    ],
    remarks: &[
        &NO_MANAGED_NODE,
        &NOT_A_SESSION_DOCUMENT,
        &NO_TRANSCRIPT_KIND,
        &ARCHIVE_ACCOUNT,
        &OWNER_NOT_VERIFIED,
        &POLICY_NOT_ATTACHED,
        &LISTED_POLICY,
        &NO_SESSION_RIGHT,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        // Policies tell everything when they change.
        swept: &[ResourceType::ACCOUNT, ResourceType::SSM_DOCUMENT],
    },
};

const PREFERENCES_DOCUMENT: Param<String> = Param::text(
    "preferencesDocument",
    "SSM-SessionManagerRunShell",
    Text::new("Name of the Region's preferences", "リージョンの設定を保持するドキュメントの名前"),
);

const REQUIRED_DESTINATION: Param<String> = Param::choice(
    "requiredDestination",
    "any",
    &["any", "s3", "cloudwatch", "both"],
    Text::new("Where transcripts must go", "操作ログに求める出力先"),
);

const REQUIRE_ENCRYPTION: Param<bool> = Param::flag(
    "requireEncryption",
    true,
    Text::new(
        "Demand that Session Manager enforces the encryption of each destination in use",
        "使用する各出力先について、暗号化の強制(Session Manager の設定)を求める",
    ),
);

const LOG_ARCHIVE_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "logArchiveAccountIds",
    &[],
    Text::new(
        "Accounts in which transcripts count as archived (with logArchiveDestinationArns empty: \
         not judged)",
        "操作ログの保管先として認めるアカウント(logArchiveDestinationArns とともに空の場合は評価\
         しない)",
    ),
);

const LOG_ARCHIVE_DESTINATION_ARNS: Param<Vec<String>> = Param::list(
    "logArchiveDestinationArns",
    &[],
    Text::new(
        "Subscription destinations that count as archiving for a log group",
        "ロググループの保管とみなすサブスクリプションの送信先の ARN",
    ),
);

const DENIED_DOCUMENTS: Param<Vec<String>> = Param::list(
    "deniedDocuments",
    &[
        "AWS-StartSSHSession",
        "AWS-StartPortForwardingSession",
        "AWS-StartPortForwardingSessionToRemoteHost",
    ],
    Text::new(
        "Documents whose sessions leave no transcript",
        "操作ログの残らないセッションを開始するドキュメント",
    ),
);

const ALLOWED_POLICY_ARNS: Param<Vec<String>> = Param::list(
    "allowedPolicyArns",
    &[],
    Text::new(
        "Policies that may grant them nevertheless",
        "例外としてその開始を許可してよいポリシーの ARN",
    ),
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::IAM_POLICY.name {
        return policies::judge(item, run).map(Some);
    }
    if is_session_document(item)? {
        return Ok(None);
    }
    Ok(Some(Verdict::not_applicable(&NOT_A_SESSION_DOCUMENT)))
}

fn is_session_document(item: &ConfigurationItem) -> Result<bool, ItemError> {
    const KIND: &str = "DocumentType";
    let document = item.configuration()?;
    Ok(document.text(KIND)?.ok_or_else(|| document.missing(KIND))? == "Session")
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Sessions { documents: Documents::new(sdk), destinations: Destinations::new(sdk) })
}

struct Sessions {
    documents: Documents,
    destinations: Destinations,
}

#[async_trait]
impl ServiceCheck for Sessions {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if !self.documents.any_node().await? {
            return Ok(Verdict::not_applicable(&NO_MANAGED_NODE));
        }
        let verdict = self.document(&item.resource_id, run).await?;
        Ok(verdict.unwrap_or_else(|| Verdict::not_applicable(&remarks::RESOURCE_GONE)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let names = self.documents.own_names().await?;
        let any_node = self.documents.any_node().await?;
        let mut failures = Failures::new();
        if !names.contains(&run.parameters.get(&PREFERENCES_DOCUMENT)) {
            failures.add(&PREFERENCES_MISSING);
        }
        let account = Resource::account(run.account_id, run.region);
        let verdict = if any_node {
            failures.into_verdict()
        } else {
            Verdict::not_applicable(&NO_MANAGED_NODE)
        };
        let mut evaluated = vec![Evaluated { resource: account, verdict, at: run.now }];
        for name in names {
            let verdict = if any_node {
                self.document(&name, run).await?
            } else {
                Some(Verdict::not_applicable(&NO_MANAGED_NODE))
            };
            // A document that was deleted since it was listed is none.
            let Some(verdict) = verdict else { continue };
            let resource =
                Resource::of(ResourceType::SSM_DOCUMENT, &name, run.account_id, run.region);
            evaluated.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(evaluated)
    }
}

impl Sessions {
    /// One session document; `None` when it does not exist.
    async fn document(&self, name: &str, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
        let Some(document) = self.documents.read(name).await? else { return Ok(None) };
        let Some(preferences) = document.preferences else {
            let reason = NO_TRANSCRIPT_KIND.because(document.kind_message());
            return Ok(Some(Verdict::NotApplicable(reason)));
        };
        let mut failures = Failures::new();
        documents::by_preferences(&preferences, run, &mut failures);
        let places = self.destinations.of(&preferences, run).await?;
        let notes = destinations::by_places(&places, run, &mut failures);
        Ok(Some(failures.into_verdict_with(notes)))
    }
}

#[cfg(test)]
mod tests;
