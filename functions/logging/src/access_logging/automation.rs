//! The scripts of Systems Manager Automation: whether their output is kept, a setting of the
//! account and Region.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::verdict::Reason;
use fisc_shared::{ConfigurationItem, Error, Requirement, ResourceType, Run, Text};

use super::services::{Answer, Ask};

pub(super) const GET_SERVICE_SETTING: &str = "ssm:GetServiceSetting";
pub(super) const SETTING_ARN: &str = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:servicesetting/ssm/automation/customer-script-log-destination";
const SETTING: &str = "/ssm/automation/customer-script-log-destination";

pub(super) const AUTOMATION_LOG_OFF: Requirement = Requirement {
    code: "AUTOMATION_LOG_OFF",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Output of Systems Manager Automation scripts is not logged",
        "Systems Manager Automation のスクリプトの出力が記録されていません",
    ),
    rule: Text::new(
        "Fails when the setting /ssm/automation/customer-script-log-destination is not CloudWatch \
         (GetServiceSetting).",
        "設定 /ssm/automation/customer-script-log-destination が CloudWatch でないとき不適合です\
         (GetServiceSetting)。",
    ),
};

/// No item tells of it, nor is one asked about.
pub(super) fn asks(_: &ConfigurationItem, _: &Run<'_>) -> Result<bool, Error> {
    Ok(false)
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn Ask> {
    Arc::new(Automation { client: Client::new(sdk) })
}

struct Automation {
    client: Client,
}

#[async_trait]
impl Ask for Automation {
    async fn account(&self, _: &Run<'_>) -> Result<Option<Answer>, Error> {
        let answer = self.client.get_service_setting().setting_id(SETTING).send().await;
        let setting = answer.call(GET_SERVICE_SETTING)?.service_setting;
        let setting = setting.ok_or_else(|| Error::Answer {
            action: GET_SERVICE_SETTING,
            field: "ServiceSetting".to_owned(),
        })?;
        // The only destination that there is; by default there is none.
        let is_on =
            setting.setting_value().is_some_and(|one| one.eq_ignore_ascii_case("CloudWatch"));
        let mut answer = Answer::default();
        if !is_on {
            let message = AUTOMATION_LOG_OFF.title.into();
            answer.failures.push(Reason { code: AUTOMATION_LOG_OFF.code, message });
        }
        Ok(Some(answer))
    }
}
