//! Policies that resources carry: whom they admit, and where they are to be had.

mod ask;

use fisc_shared::item::Fields;
use fisc_shared::policy::{
    Effect, Party, PolicyDocument, PolicyError, Request, Trust, Truth, Universe,
};
use fisc_shared::resource::arn;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Message, Resource, ResourceType, Run, Verdict, message,
};

use super::owner;
use super::requirements::*;
pub(super) use ask::{
    Clients, DESCRIBE_EVENT_BUS, DESCRIBE_FILE_SYSTEM_POLICY, GET_FUNCTION_POLICY,
    GET_QUEUE_ATTRIBUTES, GET_REPOSITORY_POLICY, GET_SECRET_POLICY, LIST_FUNCTION_URLS,
};

/// Where the policy of a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    /// In the item, always.
    Always(&'static str),
    /// In the item, if it is there; else the service tells.
    Often(&'static str),
    /// An edit of it may come without an item: the service tells, and what an item holds counts
    /// only where no service can be asked.
    Offline(&'static str),
    /// With the service alone.
    Never,
}

/// How the policies of a type are judged.
#[derive(Debug, Clone, Copy)]
struct Kind {
    resource_type: ResourceType,
    /// The actions of the service.
    actions: &'static str,
    recorded: Recorded,
}

const KINDS: &[Kind] = &[
    Kind::new(ResourceType::LAMBDA_FUNCTION, "lambda:?*", Recorded::Never),
    Kind::new(ResourceType::SNS_TOPIC, "sns:?*", Recorded::Always("Policy")),
    Kind::new(ResourceType::SQS_QUEUE, "sqs:?*", Recorded::Often("Policy")),
    Kind::new(ResourceType::SECRETS_MANAGER_SECRET, "secretsmanager:?*", Recorded::Never),
    Kind::new(ResourceType::ECR_REPOSITORY, "ecr:?*", Recorded::Often("RepositoryPolicyText")),
    Kind::new(ResourceType::EVENTS_EVENT_BUS, "events:?*", Recorded::Offline("Policy")),
    Kind::new(
        ResourceType::EFS_FILE_SYSTEM,
        "elasticfilesystem:?*",
        Recorded::Offline("FileSystemPolicy"),
    ),
];

impl Kind {
    const fn new(resource_type: ResourceType, actions: &'static str, recorded: Recorded) -> Self {
        Self { resource_type, actions, recorded }
    }

    fn of(resource_type: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.resource_type.name == resource_type)
    }

    /// Whatever a policy names as its resource, it is about the resource that carries it.
    fn universe(&self) -> Universe {
        Universe::new(self.actions, "*")
    }

    fn judges_others(&self) -> bool {
        UNTRUSTED_PRINCIPAL.resources.contains(&self.resource_type)
    }

    /// The verdict on a policy, or on its absence.
    fn judge(
        &self,
        policy: Option<&PolicyDocument>,
        own: &str,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        if let Some(policy) = policy {
            if policy.admits(&Party::Stranger, &self.universe())? {
                failures.add(&PUBLIC_POLICY);
            }
            self.others(policy, own, run, &mut failures)?;
        }
        Ok(failures.into_verdict())
    }

    /// Who gets in besides strangers and is not trusted.
    fn others(
        &self,
        policy: &PolicyDocument,
        own: &str,
        run: &Run<'_>,
        failures: &mut Failures,
    ) -> Result<(), PolicyError> {
        if !self.judges_others() {
            return Ok(());
        }
        let outsiders = policy.outsiders(&Trust::of(own, run.parameters), &self.universe())?;
        let mut names = Vec::new();
        for party in &outsiders {
            if !self.must_be_open_to(party, policy)? {
                names.extend(name(party));
            }
        }
        if !names.is_empty() {
            let Message { en, ja } = Message::named(&names);
            failures.because(
                &UNTRUSTED_PRINCIPAL,
                message!("The policy admits {en}", "ポリシーが {ja} に許可しています"),
            );
        }
        Ok(())
    }
}

/// The service that publishes events of its rules to topics. It sends no context with that, so
/// that a condition keeps its messages out; no policy can narrow it (EventBridge user guide,
/// troubleshooting: condition blocks in policies of topics are not supported).
const EVENT_RULES: &str = "events.amazonaws.com";
/// What nobody but the owner has to do with a topic.
const BESIDES_PUBLISHING: [&str; 6] = [
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:Receive",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

impl Kind {
    /// Whether a policy cannot do its work without admitting the party as it does.
    fn must_be_open_to(&self, party: &Party, policy: &PolicyDocument) -> Result<bool, PolicyError> {
        let publishes = self.resource_type == ResourceType::SNS_TOPIC
            && matches!(party, Party::Service(name) if name == EVENT_RULES);
        if !publishes {
            return Ok(false);
        }
        for action in BESIDES_PUBLISHING {
            if policy.admits(party, &Universe::new(action, "*"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A party in messages. Strangers have a requirement of their own; a principal that was deleted
/// is nobody, and canonical users are known to S3 alone.
fn name(party: &Party) -> Option<&str> {
    match party {
        Party::Account(name)
        | Party::Organization(name)
        | Party::Service(name)
        | Party::Federated(name) => Some(name),
        Party::Stranger | Party::Deleted(_) | Party::CanonicalUser(_) => None,
    }
}

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let Some(kind) = Kind::of(&item.resource_type) else { return Ok(None) };
    let fields = item.configuration()?;
    if kind.resource_type == ResourceType::SECRETS_MANAGER_SECRET
        && fields.flag("Deleted")? == Some(true)
    {
        return Ok(Some(Verdict::not_applicable(&SECRET_BEING_DELETED)));
    }
    let carried = match kind.recorded {
        Recorded::Always(key) => Some(fields.at(key)?.ok_or_else(|| fields.missing(key))?),
        Recorded::Often(key) => fields.at(key)?,
        Recorded::Offline(key) if run.offline => fields.at(key)?,
        Recorded::Offline(_) | Recorded::Never => None,
    };
    let own = owner(item, run);
    carried.map(|carried| kind.judge(read(&carried)?.as_ref(), own, run)).transpose()
}

/// The policy that an item carries; resources without one have an empty object there.
fn read(carried: &Fields<'_>) -> Result<Option<PolicyDocument>, PolicyError> {
    let value = carried.value();
    let empty = value.as_object().is_some_and(serde_json::Map::is_empty)
        || value.as_str().is_some_and(|text| text.trim().is_empty());
    if empty { Ok(None) } else { carried.as_policy().map(Some) }
}

/// How a function URL asks who calls; only requests through a URL tell it.
const URL_AUTH: &str = "lambda:FunctionUrlAuthType";
/// Whether a function was invoked through its URL.
const THROUGH_URL: &str = "lambda:InvokedViaFunctionUrl";
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";

/// What is known of a function besides its item.
#[derive(Debug, Clone, Default)]
struct Function {
    policy: Option<PolicyDocument>,
    /// Whether some URL of it asks for no authentication.
    open_url: bool,
}

impl Function {
    fn judge(&self, own: &str, run: &Run<'_>) -> Result<Verdict, Error> {
        let Some(kind) = Kind::of(ResourceType::LAMBDA_FUNCTION.name) else {
            return Err(Error::Control("no kind of Lambda functions".to_owned()));
        };
        if !self.open_url {
            return kind.judge(self.policy.as_ref(), own, run);
        }
        let mut failures = Failures::new();
        if let Some(policy) = &self.policy {
            if admits_besides_open_url(policy, &kind.universe())? {
                failures.add(&PUBLIC_POLICY);
            }
            kind.others(policy, own, run, &mut failures)?;
        }
        failures.add(&PUBLIC_FUNCTION_URL);
        Ok(failures.into_verdict())
    }
}

/// Whether a stranger gets in some other way than through a URL without authentication, which is
/// a finding of its own: straight to the function, or through a URL that asks for IAM credentials
/// but takes those of any account.
fn admits_besides_open_url(
    policy: &PolicyDocument,
    everything: &Universe,
) -> Result<bool, PolicyError> {
    let direct = [
        Request::new().without(URL_AUTH).without(THROUGH_URL),
        Request::new().without(URL_AUTH).with(THROUGH_URL, "false"),
    ];
    let signed = [Request::new().with(URL_AUTH, "AWS_IAM").with(THROUGH_URL, "true")];
    let ways: [(&[Request], &Universe); 2] =
        [(&direct, everything), (&signed, &Universe::new(INVOKE_URL, "*"))];
    for (requests, universe) in ways {
        let mut way = policy.clone();
        way.statements.retain(|one| {
            one.effect == Effect::Deny
                || requests.iter().any(|request| one.conditions.holds(request) != Truth::False)
        });
        if way.admits(&Party::Stranger, universe)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The event bus that every account has in every Region.
pub(super) fn default_bus(run: &Run<'_>) -> Resource {
    const NAME: &str = "default";
    const ARN: &str = "arn:{partition}:events:{region}:{account}:event-bus/{id}";
    Resource {
        arn: arn(ARN, NAME, run.account_id, run.region),
        ..Resource::of(ResourceType::EVENTS_EVENT_BUS, NAME, run.account_id, run.region)
    }
}

#[cfg(test)]
mod tests;
