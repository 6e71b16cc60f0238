//! Session documents: which there are, and what they prefer.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{DocumentFormat, DocumentKeyValuesFilter};
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, message};
use serde::Deserialize;

use super::{LOG_NOT_ENCRYPTED, NO_LOG_DESTINATION, REQUIRE_ENCRYPTION, REQUIRED_DESTINATION};

pub(super) const LIST_DOCUMENTS: &str = "ssm:ListDocuments";
pub(super) const GET_DOCUMENT: &str = "ssm:GetDocument";
pub(super) const DESCRIBE_INSTANCE_INFORMATION: &str = "ssm:DescribeInstanceInformation";
pub(super) const OWN_DOCUMENTS: &str =
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/*";

/// The smallest page that DescribeInstanceInformation allows.
const SMALLEST_PAGE: i32 = 5;

/// A session document. Source: Systems Manager User Guide, "Session document schema".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SessionDocument {
    kind: String,
    /// Of a shell, which is what has preferences.
    pub(super) preferences: Option<Preferences>,
}

/// Where the transcripts of a session go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Preferences {
    s3_bucket_name: Option<String>,
    s3_encryption_enabled: Option<Flag>,
    cloud_watch_log_group_name: Option<String>,
    cloud_watch_encryption_enabled: Option<Flag>,
}

/// Documents that people wrote themselves hold flags as text too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Flag {
    Flag(bool),
    Text(String),
}

impl Flag {
    fn is_on(flag: Option<&Self>) -> bool {
        match flag {
            Some(Self::Flag(on)) => *on,
            Some(Self::Text(text)) => text.trim().eq_ignore_ascii_case("true"),
            None => false,
        }
    }
}

impl Preferences {
    pub(super) fn bucket(&self) -> Option<&str> {
        named(self.s3_bucket_name.as_deref())
    }

    pub(super) fn log_group(&self) -> Option<&str> {
        named(self.cloud_watch_log_group_name.as_deref())
    }
}

fn named(name: Option<&str>) -> Option<&str> {
    name.map(str::trim).filter(|name| !name.is_empty())
}

impl SessionDocument {
    /// From the document's content, which never is in a message.
    pub(super) fn parse(name: &str, content: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Content {
            session_type: String,
            inputs: Option<Preferences>,
        }
        let lacks = |what: &str| Error::Answer {
            action: GET_DOCUMENT,
            field: format!("{what} in Content of {name}"),
        };
        let content: Content =
            serde_json::from_str(content).map_err(|_| lacks("a session document"))?;
        let preferences = match content.session_type.as_str() {
            "Standard_Stream" => {
                let inputs = content.inputs.ok_or_else(|| lacks("inputs"))?;
                // Who starts the session would choose.
                let open = [inputs.bucket(), inputs.log_group()];
                if open.into_iter().flatten().any(|place| place.contains("{{")) {
                    return Err(lacks("a destination that is fixed"));
                }
                Some(inputs)
            }
            "Port" | "InteractiveCommands" | "NonInteractiveCommands" => None,
            _ => return Err(lacks("a sessionType that is known")),
        };
        Ok(Self { kind: content.session_type, preferences })
    }

    pub(super) fn kind_message(&self) -> Message {
        let kind = &self.kind;
        message!(
            "Sessions of the kind {kind} have no preferences of their own; those without a \
             transcript are judged at the policies that allow them",
            "種類が {kind} のセッションに個別の設定はありません。操作ログの残らないものは許可する\
             ポリシーで評価します"
        )
    }
}

/// What the preferences say by themselves.
pub(super) fn by_preferences(preferences: &Preferences, run: &Run<'_>, failures: &mut Failures) {
    let (bucket, group) = (preferences.bucket(), preferences.log_group());
    let required = run.parameters.get(&REQUIRED_DESTINATION);
    let missing = match required.as_str() {
        "s3" => bucket.is_none(),
        "cloudwatch" => group.is_none(),
        "both" => bucket.is_none() || group.is_none(),
        _ => bucket.is_none() && group.is_none(),
    };
    if missing && bucket.is_none() && group.is_none() {
        failures.add(&NO_LOG_DESTINATION);
    } else if missing {
        failures.because(
            &NO_LOG_DESTINATION,
            message!(
                "Transcripts are not written where requiredDestination ({required}) demands",
                "requiredDestination({required})が求める出力先に操作ログが出力されていません"
            ),
        );
    }
    if !run.parameters.get(&REQUIRE_ENCRYPTION) {
        return;
    }
    let mut plain = Vec::new();
    if bucket.is_some() && !Flag::is_on(preferences.s3_encryption_enabled.as_ref()) {
        plain.push("s3EncryptionEnabled");
    }
    if group.is_some() && !Flag::is_on(preferences.cloud_watch_encryption_enabled.as_ref()) {
        plain.push("cloudWatchEncryptionEnabled");
    }
    if !plain.is_empty() {
        let Message { en, ja } = Message::named(&plain);
        failures.because(
            &LOG_NOT_ENCRYPTED,
            message!("Not true: {en}", "true になっていない設定: {ja}"),
        );
    }
}

/// Asks Systems Manager.
pub(super) struct Documents {
    client: Client,
}

impl Documents {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// Whether the Region has a node on which a session can be started.
    pub(super) async fn any_node(&self) -> Result<bool, Error> {
        let mut pages = self
            .client
            .describe_instance_information()
            .into_paginator()
            .page_size(SMALLEST_PAGE)
            .items()
            .send();
        match pages.next().await {
            Some(node) => {
                node.call(DESCRIBE_INSTANCE_INFORMATION)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// The account's own documents of type Session.
    pub(super) async fn own_names(&self) -> Result<Vec<String>, Error> {
        let filter = |key, value| DocumentKeyValuesFilter::builder().key(key).values(value).build();
        let mut pages = self
            .client
            .list_documents()
            .filters(filter("Owner", "Self"))
            .filters(filter("DocumentType", "Session"))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while let Some(document) = pages.next().await {
            names.push(document.call(LIST_DOCUMENTS)?.name.ok_or_else(|| Error::Answer {
                action: LIST_DOCUMENTS,
                field: "DocumentIdentifiers[].Name".to_owned(),
            })?);
        }
        Ok(names)
    }

    /// The latest version of a document, by which sessions run; `None` when there is no such
    /// document.
    pub(super) async fn read(&self, name: &str) -> Result<Option<SessionDocument>, Error> {
        let answer = self
            .client
            .get_document()
            .name(name)
            .document_version("$LATEST")
            .document_format(DocumentFormat::Json)
            .send()
            .await;
        let answer = match answer.call(GET_DOCUMENT) {
            Ok(answer) => answer,
            Err(error) if error.is("InvalidDocument") => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let content = answer.content.ok_or_else(|| Error::Answer {
            action: GET_DOCUMENT,
            field: format!("Content of {name}"),
        })?;
        SessionDocument::parse(name, &content).map(Some)
    }
}
