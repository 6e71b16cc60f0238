//! `s3-tls-only`: S3 bucket policies refuse every request that does not use TLS.
//!
//! S3 answers plain HTTP unless the bucket's policy denies it, so that data and signed URLs can
//! cross a network in the clear. The bucket passes when Deny statements that hold for every
//! plaintext request together cover every principal, every S3 action, and both the bucket and
//! its objects. That is decided by what the policy means: statements are united, wildcards and
//! the `Not…` forms are compared as sets, and a condition counts only when it is certain to hold.
//!
//! Criteria: 実4, 実39 ask for it; several of 統 and 実7 imply it. To fix a bucket, add one
//! statement: Deny, Principal `*`, Action `s3:*`, Resource the bucket and the bucket with `/*`,
//! Condition Bool `aws:SecureTransport` false.

use fisc_shared::bucket;
use fisc_shared::parameter::Param;
use fisc_shared::policy::{
    Effect, Ignoring, PolicyDocument, PolicyError, Request, Statement, Truth, Universe, covers,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remedy,
    Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "s3-tls-only",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "S3 bucket policies refuse every request that does not use TLS",
        "S3 バケットポリシーが TLS を使わないリクエストをすべて拒否している",
    ),
    why: Text::new(
        "S3 accepts plain HTTP unless the bucket policy denies it. One request without TLS is \
         enough to show customer data, or the signature of a presigned URL, to whoever reads the \
         network.",
        "S3 はバケットポリシーで拒否しない限り平文の HTTP も受け付けます。TLS を使わない一度の\
         リクエストで、顧客データや署名付き URL が経路上の第三者に読み取られるおそれがあります。",
    ),
    fix: Text::new(
        "In the S3 console open the bucket > Permissions > Bucket policy > Edit and add one \
         statement: Effect Deny, Principal \"*\", Action \"s3:*\", Resource the bucket's ARN and \
         the same ARN with /*, Condition Bool aws:SecureTransport \"false\" and nothing else.",
        "S3 コンソールでバケットの「アクセス許可」>「バケットポリシー」>「編集」を開き、次の\
         ステートメントを 1 つ追加します。Effect: Deny、Principal: \"*\"、Action: \"s3:*\"、\
         Resource: バケットの ARN と、その末尾に /* を付けた ARN、Condition: Bool の \
         aws:SecureTransport が \"false\"(ほかの条件は付けない)。",
    ),
    remedy: Remedy::new(
        include_str!("s3_tls_only/remedy.sh"),
        include_str!("s3_tls_only/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
    criteria: Criteria {
        explicit: &["実4", "実39"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "統24 4",
            "実7",
        ],
    },
    resources: &[ResourceType::S3_BUCKET],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[MIN_TLS_VERSION.spec, ACCEPT_OBJECTS_ONLY.spec],
    requirements: &[
        &NO_BUCKET_POLICY,
        &NO_TLS_DENY,
        &TLS_DENY_NOT_ALL_PRINCIPALS,
        &TLS_DENY_NOT_ALL_ACTIONS,
        &TLS_DENY_NOT_ALL_RESOURCES,
        &TLS_DENY_WEAKENED,
        &OLD_TLS_NOT_DENIED,
    ],
    remarks: &[],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const MIN_TLS_VERSION: Param<String> = Param::choice(
    "minTlsVersion",
    "",
    &["", "1.2", "1.3"],
    Text::new(
        "Older TLS versions must be denied too; empty: not asked for",
        "これより古い TLS も拒否されていること(空の場合は問わない)",
    ),
);

const ACCEPT_OBJECTS_ONLY: Param<bool> = Param::flag(
    "acceptObjectsOnly",
    false,
    Text::new(
        "Accept a Deny that covers the objects but not the bucket itself",
        "オブジェクトだけを対象とし、バケット自体を対象としない拒否も認める",
    ),
);

const NO_BUCKET_POLICY: Requirement = requirement(
    "NO_BUCKET_POLICY",
    1,
    Text::new("The bucket has no bucket policy", "バケットポリシーがありません"),
    Text::new(
        "Fails when the recorded policy text is null or empty.",
        "記録されたポリシー本文が null または空のとき不適合です。",
    ),
);
const NO_TLS_DENY: Requirement = requirement(
    "NO_TLS_DENY",
    1,
    Text::new(
        "No Deny statement holds for requests without TLS",
        "TLS を使わないリクエストを拒否するステートメントがありません",
    ),
    Text::new(
        "Fails when no Deny holds while aws:SecureTransport is false. A Deny on true is inverted; \
         a Deny on s3:TlsVersion alone does not see plain HTTP, which has no such key.",
        "aws:SecureTransport が false のときに成立する Deny がないと不適合です。true を条件とする \
         Deny は逆向きで、s3:TlsVersion だけの Deny は(そのキーを持たない)平文の HTTP を捉えません。",
    ),
);
const TLS_DENY_NOT_ALL_PRINCIPALS: Requirement = requirement(
    "TLS_DENY_NOT_ALL_PRINCIPALS",
    1,
    Text::new(
        "The Deny on plaintext does not cover every principal",
        "平文の拒否がすべてのプリンシパルを対象としていません",
    ),
    Text::new(
        "Fails when the Deny statements are not for \"*\" or {\"AWS\": \"*\"}. NotPrincipal always \
         leaves out whom it names.",
        "Deny の対象が \"*\" または {\"AWS\": \"*\"} でないと不適合です。NotPrincipal は、\
         指定した相手を必ず対象から外します。",
    ),
);
const TLS_DENY_NOT_ALL_ACTIONS: Requirement = requirement(
    "TLS_DENY_NOT_ALL_ACTIONS",
    1,
    Text::new(
        "The Deny on plaintext does not cover every S3 action",
        "平文の拒否が S3 のすべてのアクションを対象としていません",
    ),
    Text::new(
        "Fails when the Deny statements, taken together, leave an S3 action out.",
        "Deny を合わせても対象外の S3 アクションが残るとき不適合です。",
    ),
);
const TLS_DENY_NOT_ALL_RESOURCES: Requirement = requirement(
    "TLS_DENY_NOT_ALL_RESOURCES",
    1,
    Text::new(
        "The Deny on plaintext does not cover the bucket and all its objects",
        "平文の拒否がバケットとその全オブジェクトを対象としていません",
    ),
    Text::new(
        "Fails when the bucket's ARN or the ARN of some object is left out by the Deny \
         statements; with acceptObjectsOnly the objects are enough.",
        "バケットの ARN またはオブジェクトの ARN が Deny の対象から漏れているとき不適合です\
         (acceptObjectsOnly を指定した場合はオブジェクトだけで足ります)。",
    ),
);
const TLS_DENY_WEAKENED: Requirement = requirement(
    "TLS_DENY_WEAKENED",
    1,
    Text::new(
        "The Deny on plaintext has a further condition and lets plaintext through elsewhere",
        "平文の拒否に別の条件が付いており、その条件の外では平文が通ります",
    ),
    Text::new(
        "Fails when everything is covered only by a Deny whose condition tests more than the \
         transport (source address, organization, VPC endpoint and so on).",
        "通信方式のほかに送信元 IP、組織、VPC エンドポイントなどの条件を加えた Deny に頼らないと\
         全体を覆えないとき不適合です。",
    ),
);
const OLD_TLS_NOT_DENIED: Requirement = requirement(
    "OLD_TLS_NOT_DENIED",
    3,
    Text::new("Old TLS versions are not denied", "古い TLS バージョンが拒否されていません"),
    Text::new(
        "With minTlsVersion: fails when requests with an older TLS version are not denied for \
         every principal, action and resource (s3:TlsVersion).",
        "minTlsVersion を指定した場合: それより古い TLS のリクエストが、すべてのプリンシパル・\
         アクション・リソースについて拒否されていないと不適合です(s3:TlsVersion)。",
    ),
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::S3_BUCKET], title, rule }
}

const SECURE_TRANSPORT: &str = "aws:SecureTransport";
const TLS_VERSION: &str = "s3:TlsVersion";
/// Every action of S3: all have a name.
const ALL_ACTIONS: &str = "s3:?*";

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let Some(policy) = bucket::policy(item)? else {
        failures.add(&NO_BUCKET_POLICY);
        return Ok(failures.into_verdict());
    };
    let bucket = Bucket::new(item, run.parameters.get(&ACCEPT_OBJECTS_ONLY));
    plaintext(&policy, &bucket, &mut failures)?;

    let floor = run.parameters.get(&MIN_TLS_VERSION);
    for old in ["1.0", "1.1", "1.2"].into_iter().take_while(|version| *version < floor.as_str()) {
        let request = Request::new().with(SECURE_TRANSPORT, "true").with(TLS_VERSION, old);
        if !bucket.covered_by(&holding(&policy, &request), Ignoring::default())? {
            failures.because(
                &OLD_TLS_NOT_DENIED,
                message!("TLS {old} is not denied", "TLS {old} が拒否されていません"),
            );
            break;
        }
    }
    Ok(failures.into_verdict())
}

/// What a bucket's policy must cover.
struct Bucket {
    /// The bucket itself, unless objects are enough; its objects.
    legs: Vec<(Leg, Universe)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    Bucket,
    Objects,
}

impl Bucket {
    fn new(item: &ConfigurationItem, objects_only: bool) -> Self {
        let arn = item.arn.clone().unwrap_or_else(|| format!("arn:aws:s3:::{}", item.resource_id));
        let mut legs = vec![(Leg::Objects, Universe::new(ALL_ACTIONS, &format!("{arn}/?*")))];
        if !objects_only {
            legs.push((Leg::Bucket, Universe::new(ALL_ACTIONS, &arn)));
        }
        Self { legs }
    }

    fn covered_by(&self, denies: &[&Statement], ignoring: Ignoring) -> Result<bool, PolicyError> {
        Ok(self.uncovered(denies, ignoring)?.is_empty())
    }

    fn uncovered(
        &self,
        denies: &[&Statement],
        ignoring: Ignoring,
    ) -> Result<Vec<Leg>, PolicyError> {
        let mut uncovered = Vec::new();
        for (leg, universe) in &self.legs {
            if !covers(denies, universe, ignoring)? {
                uncovered.push(*leg);
            }
        }
        Ok(uncovered)
    }
}

/// The Deny statements that hold for every request of which `request` is known.
fn holding<'a>(policy: &'a PolicyDocument, request: &Request) -> Vec<&'a Statement> {
    policy
        .with_effect(Effect::Deny)
        .filter(|statement| statement.conditions.holds(request) == Truth::True)
        .collect()
}

/// Judges whether plaintext is denied, and finds what leaves the hole if it is not.
fn plaintext(
    policy: &PolicyDocument,
    bucket: &Bucket,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let request = Request::new().with(SECURE_TRANSPORT, "false");
    let sure = holding(policy, &request);
    if bucket.covered_by(&sure, Ignoring::default())? {
        return Ok(());
    }
    // Those that are about the transport, and those of them that only hold under more conditions.
    let about_transport = |statement: &&Statement| statement.conditions.mention(SECURE_TRANSPORT);
    let weak: Vec<&Statement> = policy
        .with_effect(Effect::Deny)
        .filter(about_transport)
        .filter(|statement| statement.conditions.holds(&request) == Truth::Unknown)
        .collect();
    let sure_about_transport = sure.iter().copied().any(|statement| about_transport(&statement));
    if !sure_about_transport && weak.is_empty() {
        failures.add(&NO_TLS_DENY);
        return Ok(());
    }
    let all: Vec<&Statement> = sure.iter().chain(&weak).copied().collect();
    if bucket.covered_by(&all, Ignoring::default())? {
        failures.add(&TLS_DENY_WEAKENED);
        return Ok(());
    }
    if sure_about_transport {
        holes(&sure, bucket, failures)
    } else {
        failures.add(&TLS_DENY_WEAKENED);
        holes(&all, bucket, failures)
    }
}

/// Names the parts of the statements that leave something out.
fn holes(
    denies: &[&Statement],
    bucket: &Bucket,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let all = Ignoring { principals: true, actions: true, resources: true };
    let principals = !bucket.covered_by(denies, Ignoring { principals: false, ..all })?;
    let mut actions = !bucket.covered_by(denies, Ignoring { actions: false, ..all })?;
    let mut legs = bucket.uncovered(denies, Ignoring { resources: false, ..all })?;
    if !principals && !actions && legs.is_empty() {
        // Each part is complete by itself, but no combination is: some actions are denied only
        // on some resources, or only for some principals.
        legs = bucket.uncovered(denies, Ignoring::default())?;
        actions = true;
    }
    if principals {
        failures.add(&TLS_DENY_NOT_ALL_PRINCIPALS);
    }
    if actions {
        failures.add(&TLS_DENY_NOT_ALL_ACTIONS);
    }
    if !legs.is_empty() {
        failures.because(
            &TLS_DENY_NOT_ALL_RESOURCES,
            match legs.as_slice() {
                [Leg::Bucket] => message!(
                    "The Deny on plaintext leaves out the bucket itself",
                    "平文の拒否がバケット自体を対象としていません"
                ),
                [Leg::Objects] => message!(
                    "The Deny on plaintext leaves out objects",
                    "平文の拒否の対象から漏れるオブジェクトがあります"
                ),
                _ => TLS_DENY_NOT_ALL_RESOURCES.title.into(),
            },
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
