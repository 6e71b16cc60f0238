//! Controls that judge VPCs: whose a VPC is, and whether anything is in it.

use std::collections::BTreeSet;

use fisc_shared::ec2::{Ec2, Vpc, action};
use fisc_shared::{ConfigurationItem, Error, Remark, Run, Verdict};

/// For a VPC of which only subnets are shared with this account.
pub(crate) const SHARED_VPC: Remark = Remark::new(
    "SHARED_VPC",
    "Another account owns the VPC, and is judged there",
    "VPC は他のアカウントが所有しており、そちらで評価します",
);

/// For a VPC in which there is nothing.
pub(crate) const UNUSED_VPC: Remark = Remark::new(
    "UNUSED_VPC",
    "The VPC has no network interface",
    "VPC にネットワークインターフェイスがありません",
);

/// Whether an item says that another account owns the resource.
pub(crate) fn is_shared(item: &ConfigurationItem) -> Result<bool, Error> {
    let owner = item.configuration()?.text("ownerId")?;
    Ok(owner.is_some_and(|owner| owner != item.account_id))
}

/// The VPC of an item. Items from before VPCs could be shared name no owner: then EC2 is asked,
/// which may say that there is no such VPC any more.
pub(crate) async fn of_item(item: &ConfigurationItem, ec2: &Ec2) -> Result<Option<Vpc>, Error> {
    let id = item.resource_id.as_str();
    let fields = item.configuration()?;
    if let Some(owner) = fields.text("ownerId")? {
        return Ok(Some(Vpc {
            id: id.to_owned(),
            owner_id: Some(owner.to_owned()),
            is_default: fields.flag("isDefault")?.unwrap_or(false),
            dhcp_options_id: fields.text("dhcpOptionsId")?.map(str::to_owned),
            tags: item.all_tags()?,
        }));
    }
    Ok(ec2.vpcs(&[("vpc-id", &[id])]).await?.into_iter().find(|vpc| vpc.id == id))
}

/// Why a VPC is not judged, if it is not. `used`: the VPCs with network interfaces, where only
/// those count.
pub(crate) fn left_out(
    vpc: &Vpc,
    used: Option<&BTreeSet<String>>,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    let owner = vpc.owner_id.as_deref().ok_or_else(|| Error::Answer {
        action: action::DESCRIBE_VPCS,
        field: format!("ownerId of {}", vpc.id),
    })?;
    if owner != run.account_id {
        return Ok(Some(Verdict::not_applicable(&SHARED_VPC)));
    }
    let unused = used.is_some_and(|used| !used.contains(&vpc.id));
    Ok(unused.then(|| Verdict::not_applicable(&UNUSED_VPC)))
}

#[cfg(test)]
pub(crate) mod testing {
    use fisc_shared::control::Check;
    use fisc_shared::{Control, Parameters};
    use serde_json::Value;

    use super::*;

    pub(crate) const ACCOUNT: &str = "111122223333";
    pub(crate) const REGION: &str = "ap-northeast-1";

    /// A VPC as EC2 answers it.
    pub(crate) fn vpc(id: &str, owner: &str, tags: &[(&str, &str)]) -> Vpc {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Vpc {
            id: id.to_owned(),
            owner_id: Some(owner.to_owned()),
            is_default: false,
            dhcp_options_id: None,
            tags: tags.collect(),
        }
    }

    /// Something in a run of a control.
    pub(crate) fn with_run<T>(
        control: &Control,
        parameters: &Value,
        act: impl FnOnce(&Run<'_>) -> T,
    ) -> T {
        let parameters =
            Parameters::from_value(control.id, control.parameters, parameters).unwrap();
        act(&Run {
            parameters: &parameters,
            now: "2026-11-21T00:00:00Z".parse().unwrap(),
            account_id: ACCOUNT,
            region: REGION,
            deadline: None,
            home: true,
            offline: false,
        })
    }

    /// What an item alone decides.
    pub(crate) fn preview(
        control: &Control,
        item: &Value,
        parameters: &Value,
    ) -> Result<Option<Verdict>, Error> {
        let item = ConfigurationItem::from_json(&item.to_string()).expect("an item");
        with_run(control, parameters, |run| match control.check {
            Check::Service { preview, .. } => preview(&item, run),
            Check::Item(_) => panic!("{} asks no service", control.id),
        })
    }

    /// The codes of a verdict, all of which the control must declare.
    pub(crate) fn codes(control: &Control, verdict: &Verdict) -> Vec<&'static str> {
        let codes: Vec<&'static str> = verdict.reasons().iter().map(|one| one.code).collect();
        let failed = matches!(verdict, Verdict::NonCompliant(_));
        let declared = |code: &str| match failed {
            true => control.requirement(code).is_some(),
            false => control.remarks.iter().any(|one| one.code == code),
        };
        assert!(codes.iter().all(|code| declared(code)), "{codes:?}");
        codes
    }

    /// What an item alone decides, as its codes; `None` when a service must be asked.
    pub(crate) fn previewed(
        control: &Control,
        item: &Value,
        parameters: &Value,
    ) -> Option<Vec<&'static str>> {
        let verdict = preview(control, item, parameters).unwrap();
        verdict.map(|verdict| codes(control, &verdict))
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{ACCOUNT, vpc, with_run};
    use super::*;
    use crate::vpc_endpoints::CONTROL;
    use serde_json::{Value, json};

    #[test]
    fn vpcs_of_others_and_empty_ones_are_left_out() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        for (owner, used, expected) in [
            (ACCOUNT, None, None),
            (ACCOUNT, Some(set(&["vpc-1"])), None),
            (ACCOUNT, Some(set(&["vpc-2"])), Some("UNUSED_VPC")),
            (ACCOUNT, Some(set(&[])), Some("UNUSED_VPC")),
            ("444455556666", None, Some("SHARED_VPC")),
            ("444455556666", Some(set(&["vpc-1"])), Some("SHARED_VPC")),
        ] {
            let verdict = with_run(&CONTROL, &json!({}), |run| {
                left_out(&vpc("vpc-1", owner, &[]), used.as_ref(), run).unwrap()
            });
            let code = verdict.as_ref().map(|verdict| verdict.reasons()[0].code);
            assert_eq!(code, expected, "{owner} {used:?}");
        }
        let unknown = Vpc { owner_id: None, ..vpc("vpc-1", ACCOUNT, &[]) };
        let error = with_run(&CONTROL, &json!({}), |run| left_out(&unknown, None, run));
        let error = error.unwrap_err().to_string();
        assert_eq!(error, "the answer of ec2:DescribeVpcs lacks ownerId of vpc-1");
    }

    #[test]
    fn an_item_may_say_that_another_account_owns_it() {
        let shared = |owner: Value| {
            let configuration = json!({"vpcId": "vpc-1", "ownerId": owner});
            let item = fisc_testkit::events::item("AWS::EC2::VPC", "vpc-1", configuration);
            is_shared(&ConfigurationItem::from_json(&item.to_string()).unwrap()).unwrap()
        };
        assert!(!shared(ACCOUNT.into()));
        assert!(!shared(Value::Null));
        assert!(shared("444455556666".into()));
    }
}
