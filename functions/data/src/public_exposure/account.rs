//! What Config records nowhere: EBS snapshots, images, and the account's blocks of public sharing.

use aws_types::SdkConfig;
use fisc_shared::ec2::{BlockPublicAccess, Ec2};
use fisc_shared::error::Call;
use fisc_shared::resource::arn;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};

use super::approved;
use super::requirements::*;

pub(super) const GET_EMR_BLOCK: &str = "elasticmapreduce:GetBlockPublicAccessConfiguration";
pub(super) const GET_SERVICE_SETTING: &str = "ssm:GetServiceSetting";

/// Whether documents may be shared with everybody.
const DOCUMENT_SHARING: &str = "/ssm/documents/console/public-sharing-permission";

/// The port that EMR lets the world reach unless told otherwise.
const SSH: i32 = 22;

/// What EMR blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct EmrBlock {
    pub(super) on: bool,
    /// Ranges of ports that are excepted, first and last.
    pub(super) excepted: Vec<(i32, i32)>,
}

/// What decides about the account in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Ids of own EBS snapshots that everybody may restore.
    pub(super) public_snapshots: Vec<String>,
    pub(super) snapshot_block: BlockPublicAccess,
    /// Ids of own images that everybody may launch.
    pub(super) public_images: Vec<String>,
    pub(super) image_block: BlockPublicAccess,
    pub(super) emr: EmrBlock,
    pub(super) documents_shareable: bool,
}

pub(super) fn decide(facts: &Facts, run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    let snapshots = unapproved(&facts.public_snapshots, "snapshot", run);
    if let Some(first) = snapshots.first() {
        let count = snapshots.len();
        failures.because(
            &SNAPSHOT_PUBLIC,
            message!(
                "{count} EBS snapshot(s) are public, such as {first}",
                "EBS スナップショット {count} 件が公開されています({first} など)"
            ),
        );
    }
    let images = unapproved(&facts.public_images, "image", run);
    if let Some(first) = images.first() {
        let count = images.len();
        failures.because(
            &IMAGE_PUBLIC,
            message!(
                "{count} AMI(s) are public, such as {first}",
                "AMI {count} 件が公開されています({first} など)"
            ),
        );
    }
    emr(&facts.emr, &mut failures);
    let wanted = match run.parameters.get(&REQUIRE_SNAPSHOT_BLOCK).as_str() {
        BLOCK_ALL => BlockPublicAccess::AllSharing,
        BLOCK_NEW => BlockPublicAccess::NewSharing,
        _ => BlockPublicAccess::Unblocked,
    };
    if facts.snapshot_block < wanted {
        failures.add(&SNAPSHOT_BLOCK_OFF);
    }
    if facts.image_block == BlockPublicAccess::Unblocked && run.parameters.get(&REQUIRE_IMAGE_BLOCK)
    {
        failures.add(&IMAGE_BLOCK_OFF);
    }
    if facts.documents_shareable {
        failures.add(&DOCUMENT_SHARING_NOT_BLOCKED);
    }
    failures.into_verdict()
}

/// Those of the ids whose ARN is not approved. ARNs of snapshots and images are written with the
/// account and without it.
fn unapproved<'a>(ids: &'a [String], kind: &str, run: &Run<'_>) -> Vec<&'a str> {
    let forms = ["{account}", ""]
        .map(|owner| format!("arn:{{partition}}:ec2:{{region}}:{owner}:{kind}/{{id}}"));
    let approved = |id: &str| {
        let mut arns = forms.iter().filter_map(|form| arn(form, id, run.account_id, run.region));
        arns.any(|arn| approved(&arn, run))
    };
    ids.iter().map(String::as_str).filter(|id| !approved(id)).collect()
}

fn emr(block: &EmrBlock, failures: &mut Failures) {
    if !block.on {
        failures.add(&EMR_BLOCK_OFF);
        return;
    }
    let ports: Vec<String> = block
        .excepted
        .iter()
        .filter(|range| **range != (SSH, SSH))
        .map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        )
        .collect();
    if !ports.is_empty() {
        let Message { en, ja } = Message::named(&ports);
        failures.because(
            &EMR_BLOCK_OFF,
            message!(
                "The block of public access to EMR permits port {en}",
                "EMR のパブリックアクセスブロックがポート {ja} を許可しています"
            ),
        );
    }
}

/// Who is asked about the account.
pub(super) struct Clients {
    ec2: Ec2,
    emr: aws_sdk_emr::Client,
}

impl Clients {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self { ec2: Ec2::new(sdk), emr: aws_sdk_emr::Client::new(sdk) }
    }

    pub(super) async fn facts(&self, ssm: &aws_sdk_ssm::Client) -> Result<Facts, Error> {
        let snapshots = self.ec2.public_snapshots().await?;
        let images = self.ec2.images().await?;
        Ok(Facts {
            public_snapshots: snapshots.into_iter().map(|snapshot| snapshot.id).collect(),
            snapshot_block: self.ec2.snapshot_block().await?,
            public_images: images.into_iter().filter(|one| one.public).map(|one| one.id).collect(),
            image_block: self.ec2.image_block().await?,
            emr: self.emr_block().await?,
            documents_shareable: documents_shareable(ssm).await?,
        })
    }

    async fn emr_block(&self) -> Result<EmrBlock, Error> {
        let missing = |field: &str| Error::Answer {
            action: GET_EMR_BLOCK,
            field: format!("BlockPublicAccessConfiguration{field}"),
        };
        let answer =
            self.emr.get_block_public_access_configuration().send().await.call(GET_EMR_BLOCK)?;
        let block = answer.block_public_access_configuration().ok_or_else(|| missing(""))?;
        let on = block
            .block_public_security_group_rules()
            .ok_or_else(|| missing(".BlockPublicSecurityGroupRules"))?;
        let ranges = block.permitted_public_security_group_rule_ranges().iter();
        let excepted = ranges
            .map(|range| {
                let first = range
                    .min_range()
                    .ok_or_else(|| missing(".PermittedPublicSecurityGroupRuleRanges[].MinRange"))?;
                Ok((first, range.max_range().unwrap_or(first)))
            })
            .collect::<Result<_, Error>>()?;
        Ok(EmrBlock { on, excepted })
    }
}

async fn documents_shareable(ssm: &aws_sdk_ssm::Client) -> Result<bool, Error> {
    let answer = ssm
        .get_service_setting()
        .setting_id(DOCUMENT_SHARING)
        .send()
        .await
        .call(GET_SERVICE_SETTING)?;
    match answer.service_setting().and_then(|setting| setting.setting_value()) {
        Some("Enable") => Ok(true),
        Some("Disable") => Ok(false),
        _ => Err(Error::Answer {
            action: GET_SERVICE_SETTING,
            field: "ServiceSetting.SettingValue Enable or Disable".to_owned(),
        }),
    }
}
