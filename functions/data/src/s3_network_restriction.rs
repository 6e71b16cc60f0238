//! `s3-network-restriction`: important S3 buckets answer only to approved VPCs, endpoints or
//! address ranges, and VPCs reach S3 through an endpoint.
//!
//! A bucket of a restricted data class (by its tag) passes when Denies for every principal surely
//! hold for a request that comes from elsewhere, and together cover reading, writing and deleting
//! its objects. Carve-outs for AWS services and for named principals are accepted: without them
//! log delivery and the administrators lock themselves out. A VPC with network interfaces passes
//! when it has an endpoint for S3, without which such a Deny cannot name the VPC.
//!
//! Criteria: 実5 3, 実15 ask for it. To fix a bucket, deny `aws:SourceVpce` values other than your
//! endpoints; to fix a VPC, add a gateway endpoint for S3.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::bucket;
use fisc_shared::bucket::network::Networks;
use fisc_shared::ec2::{Ec2, Filter, action};
use fisc_shared::parameter::Param;
use fisc_shared::policy::{PolicyDocument, PolicyError};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "s3-network-restriction",
    domain: Domain::Data,
    severity: Severity::Medium,
    title: Text::new(
        "Important S3 buckets answer only to approved networks, and VPCs have an S3 endpoint",
        "重要な S3 バケットが承認済みネットワークだけに応答し、VPC が S3 エンドポイントを持つ",
    ),
    why: Text::new(
        "A leaked key works from anywhere in the world, unless the bucket answers to your networks \
         only. For that, traffic to S3 has to leave a VPC through an endpoint that the policy can \
         name.",
        "漏えいした認証情報は世界中のどこからでも使えますが、バケットが自社のネットワークだけに応答すれば\
         使えません。そのためには、S3 への通信が、ポリシーで指定できる VPC エンドポイントを通る必要が\
         あります。",
    ),
    fix: Text::new(
        "In the S3 console open the bucket > Permissions > Bucket policy and add a Deny for every \
         principal on s3:GetObject, s3:PutObject and s3:DeleteObject with StringNotEquals \
         aws:SourceVpce (your endpoints); in the same condition leave out AWS services \
         (BoolIfExists aws:PrincipalIsAWSService false) and the administrators' role (ArnNotLike \
         aws:PrincipalArn). Add a gateway endpoint for S3 to each VPC (VPC > Endpoints).",
        "S3 コンソールでバケットの「アクセス許可」>「バケットポリシー」に、全プリンシパルの \
         s3:GetObject・s3:PutObject・s3:DeleteObject を StringNotEquals aws:SourceVpce(自社の\
         エンドポイント)で拒否する Deny を追加します。同じ条件で AWS サービス(BoolIfExists \
         aws:PrincipalIsAWSService false)と管理者ロール(ArnNotLike aws:PrincipalArn)を除外します。\
         各 VPC には S3 のゲートウェイエンドポイントを作成します(VPC >「エンドポイント」)。",
    ),
    remedy: Remedy::new(
        include_str!("s3_network_restriction/remedy.sh"),
        include_str!("s3_network_restriction/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html",
    criteria: Criteria { explicit: &["実5 3", "実15"], implied: &[] },
    resources: &[ResourceType::S3_BUCKET, ResourceType::EC2_VPC],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(action::DESCRIBE_VPCS),
        Action::any(action::DESCRIBE_VPC_ENDPOINTS),
        Action::any(action::DESCRIBE_NETWORK_INTERFACES),
    ],
    parameters: &[
        DATA_CLASS_TAG_KEY.spec,
        RESTRICTED_DATA_CLASSES.spec,
        ALLOWED_VPCE_IDS.spec,
        ALLOWED_VPC_IDS.spec,
        ALLOWED_CIDRS.spec,
        IGNORE_UNUSED_VPC.spec,
    ],
    requirements: &[&NETWORK_DENY_MISSING, &NETWORK_DENY_TOO_WIDE, &S3_ENDPOINT_MISSING],
    remarks: &[&NOT_RESTRICTED, &UNUSED_VPC, &SHARED_VPC],
    limits: Limits::SWEEP,
    // Endpoints and interfaces come and go without an item of the VPC.
    check: Check::Service { preview, connect, swept: &[ResourceType::EC2_VPC] },
};

const DATA_CLASS_TAG_KEY: Param<Vec<String>> = Param::list(
    "dataClassTagKey",
    &["fisc:data-class"],
    Text::new("Tag that tells a bucket's data class", "バケットのデータ分類を示すタグのキー"),
);

const RESTRICTED_DATA_CLASSES: Param<Vec<String>> = Param::list(
    "restrictedDataClasses",
    &["restricted", "personal"],
    Text::new(
        "Data classes whose buckets must be restricted to networks",
        "ネットワークの限定を求めるデータ分類",
    ),
);

const ALLOWED_VPCE_IDS: Param<Vec<String>> = Param::list(
    "allowedVpceIds",
    &[],
    Text::new(
        "Accepted VPC endpoints; all three lists empty accept any fixed value",
        "認める VPC エンドポイント(3 つの一覧がすべて空なら、固定値であれば認める)",
    ),
);

const ALLOWED_VPC_IDS: Param<Vec<String>> =
    Param::list("allowedVpcIds", &[], Text::new("Accepted VPCs", "認める VPC"));

const ALLOWED_CIDRS: Param<Vec<String>> = Param::list(
    "allowedCidrs",
    &[],
    Text::new(
        "Accepted address ranges, as the policy writes them",
        "認めるアドレス範囲(ポリシーの表記どおり)",
    ),
);

const IGNORE_UNUSED_VPC: Param<bool> = Param::flag(
    "ignoreUnusedVpc",
    true,
    Text::new(
        "VPCs without network interfaces need no endpoint",
        "ネットワークインターフェイスのない VPC は評価しない",
    ),
);

const NETWORK_DENY_MISSING: Requirement = Requirement {
    code: "NETWORK_DENY_MISSING",
    wave: 3,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket answers to requests from any network",
        "バケットがどのネットワークからのリクエストにも応答します",
    ),
    rule: Text::new(
        "For buckets of restrictedDataClasses: fails when the Denies for every principal that hold \
         for a request from elsewhere (negated aws:SourceVpce, aws:SourceVpc, aws:SourceIp) do not \
         cover s3:GetObject, s3:PutObject and s3:DeleteObject on every object.",
        "restrictedDataClasses のバケット: ほかのネットワークからのリクエストに必ず当てはまる、全プリンシパル\
         への Deny(aws:SourceVpce・aws:SourceVpc・aws:SourceIp の否定)が、全オブジェクトの \
         s3:GetObject・s3:PutObject・s3:DeleteObject を覆わないとき不適合です。",
    ),
};

const NETWORK_DENY_TOO_WIDE: Requirement = Requirement {
    code: "NETWORK_DENY_TOO_WIDE",
    wave: 3,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket answers to a network that is not approved",
        "バケットが承認されていないネットワークに応答します",
    ),
    rule: Text::new(
        "For buckets of restrictedDataClasses: fails when such a Deny lets a network through that \
         is not in allowedVpceIds, allowedVpcIds or allowedCidrs.",
        "restrictedDataClasses のバケット: Deny の例外に、allowedVpceIds・allowedVpcIds・allowedCidrs \
         にないネットワークが含まれるとき不適合です。",
    ),
};

const S3_ENDPOINT_MISSING: Requirement = Requirement {
    code: "S3_ENDPOINT_MISSING",
    wave: 2,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new("The VPC has no endpoint for S3", "VPC に S3 のエンドポイントがありません"),
    rule: Text::new(
        "Fails when the VPC has neither a gateway nor an interface endpoint for S3 that is \
         available (DescribeVpcEndpoints).",
        "利用可能な S3 のゲートウェイエンドポイントもインターフェイスエンドポイントもないとき不適合です\
         (DescribeVpcEndpoints)。",
    ),
};

const NOT_RESTRICTED: Remark = Remark::new(
    "NOT_RESTRICTED_CLASS",
    "The bucket's tag names no restricted data class",
    "バケットのタグはネットワークの限定を求める分類ではありません",
);
const UNUSED_VPC: Remark = Remark::new(
    "UNUSED_VPC",
    "The VPC has no network interface",
    "VPC にネットワークインターフェイスがありません",
);
const SHARED_VPC: Remark = Remark::new(
    "SHARED_VPC",
    "Another account owns the VPC, and is judged there",
    "VPC は他のアカウントが所有しており、そちらで評価します",
);

const OBJECT_ACTIONS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

fn bucket_verdict(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let classes = run.parameters.get(&RESTRICTED_DATA_CLASSES);
    let keys = run.parameters.get(&DATA_CLASS_TAG_KEY);
    let class = keys.iter().find_map(|key| item.tags.get(key));
    if !class.is_some_and(|class| classes.contains(class)) {
        return Ok(Verdict::not_applicable(&NOT_RESTRICTED));
    }
    let mut failures = Failures::new();
    match bucket::policy(item)? {
        Some(policy) => judge_policy(&policy, &item.resource_id, run, &mut failures)?,
        None => failures.add(&NETWORK_DENY_MISSING),
    }
    Ok(failures.into_verdict())
}

fn judge_policy(
    policy: &PolicyDocument,
    bucket: &str,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let networks = Networks::of(policy, bucket, &OBJECT_ACTIONS)?;
    let open = &networks.open;
    if !open.is_empty() {
        let Message { en, ja } = Message::named(open);
        failures.because(
            &NETWORK_DENY_MISSING,
            message!("From any network: {en}", "ネットワークの限定がないアクション: {ja}"),
        );
        return Ok(());
    }
    let compared = [
        (&networks.endpoints, run.parameters.get(&ALLOWED_VPCE_IDS)),
        (&networks.vpcs, run.parameters.get(&ALLOWED_VPC_IDS)),
        (&networks.addresses, run.parameters.get(&ALLOWED_CIDRS)),
    ];
    if compared.iter().all(|(_, allowed)| allowed.is_empty()) {
        return Ok(());
    }
    let others: BTreeSet<&str> = compared
        .iter()
        .flat_map(|(through, allowed)| through.iter().filter(move |one| !allowed.contains(one)))
        .map(String::as_str)
        .collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.into_iter().collect();
        let Message { en, ja } = Message::named(&others);
        failures.because(
            &NETWORK_DENY_TOO_WIDE,
            message!("Not approved: {en}", "承認されていないネットワーク: {ja}"),
        );
    }
    Ok(())
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::S3_BUCKET.name {
        return bucket_verdict(item, run).map(Some);
    }
    let fields = item.configuration()?;
    let owner = fields.text("ownerId")?;
    let other = owner.is_some_and(|owner| owner != item.account_id);
    Ok(other.then(|| Verdict::not_applicable(&SHARED_VPC)))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Network { ec2: Ec2::new(sdk) })
}

struct Network {
    ec2: Ec2,
}

/// What VPCs have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Vpcs {
    with_endpoint: BTreeSet<String>,
    /// `None` when it does not matter.
    with_interfaces: Option<BTreeSet<String>>,
}

impl Vpcs {
    fn verdict(&self, vpc: &str) -> Verdict {
        if self.with_interfaces.as_ref().is_some_and(|used| !used.contains(vpc)) {
            return Verdict::not_applicable(&UNUSED_VPC);
        }
        let mut failures = Failures::new();
        if !self.with_endpoint.contains(vpc) {
            failures.add(&S3_ENDPOINT_MISSING);
        }
        failures.into_verdict()
    }
}

#[async_trait]
impl ServiceCheck for Network {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = item.resource_id.as_str();
        Ok(self.look(&[("vpc-id", &[id])], run).await?.verdict(id))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let vpcs = self.ec2.vpcs(&[]).await?;
        if vpcs.is_empty() {
            return Ok(Vec::new());
        }
        let look = self.look(&[], run).await?;
        let evaluated = vpcs.into_iter().map(|vpc| Evaluated {
            verdict: if vpc.owner_id.is_some_and(|owner| owner != run.account_id) {
                Verdict::not_applicable(&SHARED_VPC)
            } else {
                look.verdict(&vpc.id)
            },
            resource: Resource::of(ResourceType::EC2_VPC, &vpc.id, run.account_id, run.region),
            at: run.now,
        });
        Ok(evaluated.collect())
    }
}

impl Network {
    async fn look(&self, filters: &[Filter<'_>], run: &Run<'_>) -> Result<Vpcs, Error> {
        let endpoints = self.ec2.vpc_endpoints(filters).await?.into_iter();
        let with_endpoint = endpoints.filter(|one| one.serves("s3", run.region));
        let with_interfaces = if run.parameters.get(&IGNORE_UNUSED_VPC) {
            Some(self.ec2.vpcs_in_use(filters).await?)
        } else {
            None
        };
        Ok(Vpcs { with_endpoint: with_endpoint.map(|one| one.vpc_id).collect(), with_interfaces })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use fisc_shared::Parameters;
    use fisc_testkit::events;
    use serde_json::{Value, json};

    use crate::buckets_sample::{ACCOUNT, bucket_with, policy};

    fn preview_with(
        item: &ConfigurationItem,
        parameters: &Value,
    ) -> Result<Option<Verdict>, Error> {
        let parameters =
            Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
        preview(
            item,
            &Run {
                parameters: &parameters,
                now: "2026-11-21T00:00:00Z".parse().unwrap(),
                account_id: ACCOUNT,
                region: "ap-northeast-1",
                deadline: None,
                home: true,
                offline: false,
            },
        )
    }

    fn codes(statements: &Value, parameters: &Value) -> Vec<&'static str> {
        let item = bucket_with(
            &json!({"BucketPolicy": policy(statements)}),
            &json!({"fisc:data-class": "restricted"}),
        );
        let verdict = preview_with(&item, parameters).unwrap().unwrap();
        verdict.reasons().iter().map(|one| one.code).collect()
    }

    fn deny(condition: &Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
               "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"], "Condition": condition})
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn denies_that_hold_from_everywhere_else_pass() {
        for condition in [
            json!({"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}),
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
            json!({"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            // From neither network.
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            // Carve-outs.
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                   "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
                   "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Admin*"}}),
            json!({}),
        ] {
            assert_eq!(codes(&json!([deny(&condition)]), &json!({})), NONE, "{condition}");
        }
    }

    #[test]
    fn denies_with_a_hole_fail() {
        let missing = ["NETWORK_DENY_MISSING"];
        for condition in [
            json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
            json!({"StringNotLike": {"aws:SourceVpce": "*"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
            json!({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "StringEquals": {"s3:authType": "REST-QUERY-STRING"}}),
            json!({"Bool": {"aws:SecureTransport": "false"}}),
        ] {
            assert_eq!(codes(&json!([deny(&condition)]), &json!({})), missing, "{condition}");
        }
        let vpce = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}});
        let mut reading = deny(&vpce);
        reading["Action"] = json!(["s3:GetObject", "s3:PutObject"]);
        assert_eq!(codes(&json!([reading]), &json!({})), missing);
        let mut part = deny(&vpce);
        part["Resource"] = json!("arn:aws:s3:::reports/private/*");
        assert_eq!(codes(&json!([part]), &json!({})), missing);
        let mut some = deny(&vpce);
        some["Principal"] = json!({"AWS": "444455556666"});
        assert_eq!(codes(&json!([some]), &json!({})), missing);
        assert_eq!(codes(&json!([]), &json!({})), missing);
    }

    #[test]
    fn only_approved_networks_may_be_let_through() {
        let both =
            json!([deny(&json!({"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]},
                                        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))]);
        let allowed =
            |vpce: &str, cidr: &str| json!({"allowedVpceIds": vpce, "allowedCidrs": cidr});
        assert_eq!(codes(&both, &allowed("vpce-1,vpce-2", "203.0.113.0/24")), NONE);
        assert_eq!(codes(&both, &allowed("vpce-1", "203.0.113.0/24")), ["NETWORK_DENY_TOO_WIDE"]);
        assert_eq!(
            codes(&both, &allowed("vpce-1,vpce-2", "198.51.100.0/24")),
            ["NETWORK_DENY_TOO_WIDE"]
        );
    }

    #[test]
    fn only_tagged_buckets_are_judged() {
        let with = |tags: &Value, parameters: &Value| {
            let verdict =
                preview_with(&bucket_with(&json!({}), tags), parameters).unwrap().unwrap();
            verdict.reasons()[0].code
        };
        assert_eq!(with(&json!({}), &json!({})), "NOT_RESTRICTED_CLASS");
        assert_eq!(
            with(&json!({"fisc:data-class": "internal"}), &json!({})),
            "NOT_RESTRICTED_CLASS"
        );
        assert_eq!(
            with(&json!({"fisc:data-class": "personal"}), &json!({})),
            "NETWORK_DENY_MISSING"
        );
        let own = json!({"dataClassTagKey": "class", "restrictedDataClasses": "secret"});
        assert_eq!(with(&json!({"class": "secret"}), &own), "NETWORK_DENY_MISSING");
    }

    #[test]
    fn vpcs_need_an_endpoint_when_they_are_used() {
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let vpcs = Vpcs {
            with_endpoint: set(&["vpc-1"]),
            with_interfaces: Some(set(&["vpc-1", "vpc-2"])),
        };
        let code =
            |vpcs: &Vpcs, id: &str| vpcs.verdict(id).reasons().first().map_or("", |one| one.code);
        assert_eq!(code(&vpcs, "vpc-1"), "");
        assert_eq!(code(&vpcs, "vpc-2"), "S3_ENDPOINT_MISSING");
        assert_eq!(code(&vpcs, "vpc-3"), "UNUSED_VPC");
        let all = Vpcs { with_interfaces: None, ..vpcs };
        assert_eq!(code(&all, "vpc-3"), "S3_ENDPOINT_MISSING");
    }

    #[test]
    fn a_shared_vpc_is_judged_by_its_owner() {
        let vpc = |owner: &str| {
            let item =
                events::item("AWS::EC2::VPC", "vpc-1", json!({"vpcId": "vpc-1", "ownerId": owner}));
            preview_with(&ConfigurationItem::from_json(&item.to_string()).unwrap(), &json!({}))
                .unwrap()
        };
        assert_eq!(vpc(ACCOUNT), None);
        assert_eq!(vpc("444455556666").unwrap().reasons()[0].code, "SHARED_VPC");
    }
}
