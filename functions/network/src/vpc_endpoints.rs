//! `vpc-endpoints`: VPCs reach S3 and the required AWS services through endpoints, and sensitive
//! buckets accept only such paths.
//!
//! Without an endpoint, a call to an AWS service leaves the VPC for public addresses, and needs a
//! way to the internet that others can use too. A VPC with network interfaces passes when it has
//! a working endpoint for S3 (a gateway endpoint that some route table uses, or an interface
//! endpoint) and an interface endpoint, with private DNS, for each required service. VPCs that a
//! hub serves with its endpoints carry a tag and are not judged. A bucket whose tag says that it
//! is sensitive passes when its policy denies everybody who comes from elsewhere to read and to
//! write its objects.
//!
//! Endpoints come and go without an item of the VPC, so VPCs are judged daily too.
//!
//! Criteria: 実5 3, 実15 ask for it. To fix a VPC, create the endpoints that are missing; to fix a
//! bucket, deny `aws:SourceVpce` values other than your endpoints.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::ec2::{Ec2, Filter, Vpc, VpcEndpoint, action};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};

use crate::vpcs::{self, SHARED_VPC, UNUSED_VPC};

mod decide;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "vpc-endpoints",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "VPCs reach S3 and the required AWS services through endpoints, and sensitive buckets \
         accept only such paths",
        "VPC から S3 と必要な AWS サービスへ VPC エンドポイント経由で接続し、重要バケットはその経路に\
         限定する",
    ),
    why: Text::new(
        "Without endpoints, calls to AWS services leave the VPC for public addresses: the VPC needs \
         a way to the internet, and nothing ties your data to your network.",
        "エンドポイントがなければ、AWS サービスへの通信は VPC からパブリックアドレスに出ます。インターネット\
         への経路が必要になり、データへのアクセスを自社のネットワークに限定することもできません。",
    ),
    fix: Text::new(
        "In VPC > Endpoints > Create endpoint add a gateway endpoint for S3 with the route tables \
         of the VPC, and interface endpoints with private DNS for the services. Tag VPCs that a hub \
         serves fisc:central-endpoints. In policies of sensitive buckets (S3 > Permissions) deny \
         s3:GetObject and s3:PutObject for every principal with StringNotEquals aws:SourceVpce \
         (your endpoints).",
        "VPC の「エンドポイント」>「エンドポイントを作成」で、S3 のゲートウェイエンドポイントを \
         VPC のルートテーブルに関連付けて作成し、各サービスにはプライベート DNS を有効にした\
         インターフェイスエンドポイントを作成します。集約 VPC のエンドポイントを使う VPC には \
         fisc:central-endpoints のタグを付けます。重要バケットのポリシーでは、全プリンシパルの \
         s3:GetObject と s3:PutObject を StringNotEquals aws:SourceVpce(自社のエンドポイント)の\
         条件で拒否します。",
    ),
    remedy: Remedy::new(
        include_str!("vpc_endpoints/remedy.sh"),
        include_str!("vpc_endpoints/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html",
    criteria: Criteria { explicit: &["実5 3", "実15"], implied: &[] },
    resources: &[ResourceType::EC2_VPC, ResourceType::S3_BUCKET],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(action::DESCRIBE_VPCS),
        Action::any(action::DESCRIBE_VPC_ENDPOINTS),
        Action::any(action::DESCRIBE_NETWORK_INTERFACES),
    ],
    parameters: &[
        INTERFACE_SERVICES.spec,
        REQUIRE_PRIVATE_DNS.spec,
        IGNORE_EMPTY_VPC.spec,
        CENTRAL_ENDPOINT_VPC_TAG_KEY.spec,
        SENSITIVE_TAG_KEY.spec,
        SENSITIVE_TAG_VALUES.spec,
        ALLOWED_SOURCES.spec,
    ],
    requirements: &[
        &S3_ENDPOINT_MISSING,
        &INTERFACE_ENDPOINT_MISSING,
        &PRIVATE_DNS_DISABLED,
        &GATEWAY_ENDPOINT_NO_ROUTE_TABLE,
        &BUCKET_NOT_NETWORK_RESTRICTED,
    ],
    remarks: &[&SHARED_VPC, &UNUSED_VPC, &CENTRALLY_SERVED, &NOT_SENSITIVE],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::EC2_VPC] },
};

const INTERFACE_SERVICES: Param<Vec<String>> = Param::list(
    "interfaceServices",
    &["ssm", "ssmmessages", "kms", "secretsmanager", "logs", "sts"],
    Text::new(
        "Services that need an interface endpoint, by what follows the Region in the endpoint \
         service's name",
        "インターフェイスエンドポイントを求めるサービス(エンドポイントサービス名のリージョンより後の部分)",
    ),
);

const REQUIRE_PRIVATE_DNS: Param<bool> = Param::flag(
    "requirePrivateDns",
    true,
    Text::new(
        "Interface endpoints must have private DNS",
        "インターフェイスエンドポイントにプライベート DNS を求める",
    ),
);

const IGNORE_EMPTY_VPC: Param<bool> = Param::flag(
    "ignoreEmptyVpc",
    true,
    Text::new(
        "VPCs without network interfaces need no endpoints",
        "ネットワークインターフェイスのない VPC は評価しない",
    ),
);

const CENTRAL_ENDPOINT_VPC_TAG_KEY: Param<String> = Param::text(
    "centralEndpointVpcTagKey",
    "fisc:central-endpoints",
    Text::new(
        "Tag of VPCs that use the endpoints of another VPC; empty: none",
        "他の VPC のエンドポイントを利用する VPC のタグのキー(空の場合はなし)",
    ),
);

const SENSITIVE_TAG_KEY: Param<String> = Param::text(
    "sensitiveTagKey",
    "DataClassification",
    Text::new("Tag that tells how sensitive a bucket is", "バケットの重要度を示すタグのキー"),
);

const SENSITIVE_TAG_VALUES: Param<Vec<String>> = Param::list(
    "sensitiveTagValues",
    &["CRITICAL", "CONFIDENTIAL"],
    Text::new(
        "Values of that tag, in either case, for which the bucket must be tied to networks",
        "ネットワークの限定を求めるタグの値(大文字と小文字は区別しない)",
    ),
);

const ALLOWED_SOURCES: Param<Vec<String>> = Param::list(
    "allowedSources",
    &[],
    Text::new(
        "Accepted VPC endpoints, VPCs and address ranges, as policies write them; empty: any fixed \
         value",
        "認める VPC エンドポイント・VPC・アドレス範囲(ポリシーの表記どおり)。空の場合は固定値であれば\
         認める",
    ),
);

const S3_ENDPOINT_MISSING: Requirement = Requirement {
    code: "S3_ENDPOINT_MISSING",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new("The VPC has no endpoint for S3", "VPC に S3 のエンドポイントがありません"),
    rule: Text::new(
        "Fails when the VPC has neither a gateway nor an interface endpoint for S3 of its Region \
         that is available (DescribeVpcEndpoints).",
        "同じリージョンの S3 について、利用可能なゲートウェイエンドポイントもインターフェイス\
         エンドポイントもないとき不適合です(DescribeVpcEndpoints)。",
    ),
};

const INTERFACE_ENDPOINT_MISSING: Requirement = Requirement {
    code: "INTERFACE_ENDPOINT_MISSING",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The VPC lacks interface endpoints",
        "VPC に必要なインターフェイスエンドポイントがありません",
    ),
    rule: Text::new(
        "Fails when a service of interfaceServices has no interface endpoint in the VPC that is \
         available.",
        "interfaceServices のいずれかのサービスについて、利用可能なインターフェイスエンドポイントが VPC \
         にないとき不適合です。",
    ),
};

const PRIVATE_DNS_DISABLED: Requirement = Requirement {
    code: "PRIVATE_DNS_DISABLED",
    wave: 2,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "Interface endpoints have no private DNS",
        "インターフェイスエンドポイントのプライベート DNS が無効です",
    ),
    rule: Text::new(
        "With requirePrivateDns: fails when a service of interfaceServices has endpoints, and none \
         of them has private DNS: clients then still resolve public addresses.",
        "requirePrivateDns が有効な場合: interfaceServices のサービスにエンドポイントはあるが、\
         プライベート DNS が有効なものが一つもないとき不適合です。この場合、クライアントはパブリック\
         アドレスに接続します。",
    ),
};

const GATEWAY_ENDPOINT_NO_ROUTE_TABLE: Requirement = Requirement {
    code: "GATEWAY_ENDPOINT_NO_ROUTE_TABLE",
    wave: 2,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "No route table uses the gateway endpoint for S3",
        "S3 のゲートウェイエンドポイントを使うルートテーブルがありません",
    ),
    rule: Text::new(
        "Fails when the VPC's available endpoints for S3 are gateway endpoints only, and none of \
         them has a route table.",
        "VPC の利用可能な S3 エンドポイントがゲートウェイエンドポイントのみで、そのいずれにもルート\
         テーブルが関連付けられていないとき不適合です。",
    ),
};

const BUCKET_NOT_NETWORK_RESTRICTED: Requirement = Requirement {
    code: "BUCKET_NOT_NETWORK_RESTRICTED",
    wave: 2,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The sensitive bucket accepts requests from networks that are not approved",
        "重要バケットが承認されていないネットワークからのリクエストを受け付けます",
    ),
    rule: Text::new(
        "For buckets whose sensitiveTagKey has one of sensitiveTagValues: fails when the Denies for \
         every principal that hold for a request from elsewhere (negated aws:SourceVpce, \
         aws:SourceVpc, aws:SourceIp) do not cover s3:GetObject and s3:PutObject on every object, \
         or let through what is not in allowedSources. Carve-outs for AWS services and named \
         principals are accepted.",
        "sensitiveTagKey の値が sensitiveTagValues にあるバケット: ほかのネットワークからのリクエストに\
         必ず当てはまる全プリンシパルへの Deny(aws:SourceVpce・aws:SourceVpc・aws:SourceIp の否定)が、\
         全オブジェクトの s3:GetObject と s3:PutObject を覆わないとき、または allowedSources にない\
         ものを通すとき不適合です。AWS サービスと特定のプリンシパルの除外は認めます。",
    ),
};

const CENTRALLY_SERVED: Remark = Remark::new(
    "CENTRALLY_SERVED",
    "The VPC's tag says that it uses the endpoints of another VPC",
    "タグにより、他の VPC のエンドポイントを利用する VPC とされています",
);
const NOT_SENSITIVE: Remark = Remark::new(
    "NOT_SENSITIVE",
    "The bucket's tag does not mark it as sensitive",
    "バケットのタグは重要バケットを示していません",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::S3_BUCKET.name {
        return decide::bucket(item, run).map(Some);
    }
    Ok(vpcs::is_shared(item)?.then(|| Verdict::not_applicable(&SHARED_VPC)))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Endpoints { ec2: Ec2::new(sdk) })
}

struct Endpoints {
    ec2: Ec2,
}

/// What VPCs have.
#[derive(Debug, Default)]
struct Surroundings {
    endpoints: Vec<VpcEndpoint>,
    /// The VPCs with network interfaces; `None` when that does not matter.
    used: Option<BTreeSet<String>>,
}

impl Surroundings {
    fn verdict(&self, vpc: &Vpc, run: &Run<'_>) -> Result<Verdict, Error> {
        let central = run.parameters.get(&CENTRAL_ENDPOINT_VPC_TAG_KEY);
        Ok(match vpcs::left_out(vpc, self.used.as_ref(), run)? {
            Some(verdict) => verdict,
            None if !central.is_empty() && vpc.tags.contains_key(&central) => {
                Verdict::not_applicable(&CENTRALLY_SERVED)
            }
            None => decide::vpc(&vpc.id, &self.endpoints, run),
        })
    }
}

#[async_trait]
impl ServiceCheck for Endpoints {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let Some(vpc) = vpcs::of_item(item, &self.ec2).await? else {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        };
        let around = self.look(&[("vpc-id", &[vpc.id.as_str()])], run).await?;
        around.verdict(&vpc, run)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let vpcs = self.ec2.vpcs(&[]).await?;
        if vpcs.is_empty() {
            return Ok(Vec::new());
        }
        let around = self.look(&[], run).await?;
        let evaluated = vpcs.iter().map(|vpc| {
            Ok(Evaluated {
                resource: Resource::of(ResourceType::EC2_VPC, &vpc.id, run.account_id, run.region),
                verdict: around.verdict(vpc, run)?,
                at: run.now,
            })
        });
        evaluated.collect()
    }
}

impl Endpoints {
    async fn look(&self, filters: &[Filter<'_>], run: &Run<'_>) -> Result<Surroundings, Error> {
        let used = if run.parameters.get(&IGNORE_EMPTY_VPC) {
            Some(self.ec2.vpcs_in_use(filters).await?)
        } else {
            None
        };
        Ok(Surroundings { endpoints: self.ec2.vpc_endpoints(filters).await?, used })
    }
}

#[cfg(test)]
mod tests;
