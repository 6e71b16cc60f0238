//! The resources whose metrics need alarms: by what CloudWatch knows each of them.

use fisc_services::alarms::{Alarm, Found, Metric, Teller};
use fisc_shared::item::ItemError;
use fisc_shared::item::required::text;
use fisc_shared::{ConfigurationItem, Error, ResourceType};

use super::parameters::Needed;

/// A dimension and its value.
type Of = (&'static str, String);

/// A resource, as CloudWatch measures it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) namespace: String,
    /// Dimensions that its metrics have, next to others: a load balancer's have its target group.
    own: Vec<Of>,
    /// Metrics with exactly these dimensions take it in: those of its group or of its cluster.
    parents: Vec<Vec<Of>>,
    /// So do metrics without any dimension.
    whole: bool,
    /// Alarms on all of these will do instead.
    members: Vec<Of>,
    /// Metrics that it does not have.
    without: &'static [&'static str],
}

impl Subject {
    fn new(namespace: &str, own: Vec<Of>) -> Self {
        Self { namespace: namespace.to_owned(), own, ..Self::default() }
    }

    fn takes_in(&self, metric: &Metric) -> bool {
        let exactly = |parent: &Vec<Of>| {
            let parent: Vec<(&str, &str)> =
                parent.iter().map(|(name, value)| (*name, value.as_str())).collect();
            metric.is_of(&parent)
        };
        self.own.iter().all(|(name, value)| metric.has(name, value))
            || self.parents.iter().any(exactly)
            || self.whole && metric.dimensions.is_empty()
    }
}

/// Reads an item: `None` for types whose metrics need no alarm here.
pub(super) fn subject(item: &ConfigurationItem) -> Result<Option<Subject>, ItemError> {
    let kind = KINDS.iter().find(|(kind, _)| kind.name == item.resource_type);
    kind.map(|(_, read)| read(item)).transpose()
}

type Read = fn(&ConfigurationItem) -> Result<Subject, ItemError>;

const KINDS: [(ResourceType, Read); 8] = [
    (ResourceType::EC2_INSTANCE, instance),
    (ResourceType::RDS_DB_INSTANCE, db_instance),
    (ResourceType::RDS_DB_CLUSTER, db_cluster),
    (ResourceType::ELBV2_LOAD_BALANCER, load_balancer),
    (ResourceType::LAMBDA_FUNCTION, function),
    (ResourceType::DYNAMODB_TABLE, table),
    (ResourceType::ECS_SERVICE, service),
    (ResourceType::SQS_QUEUE, queue),
];

fn instance(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let mut subject = Subject::new("AWS/EC2", vec![("InstanceId", item.resource_id.clone())]);
    if let Some(group) = item.all_tags()?.remove("aws:autoscaling:groupName") {
        subject.parents.push(vec![("AutoScalingGroupName", group)]);
    }
    Ok(subject)
}

/// The namespace of a database engine.
fn engine(engine: &str) -> &'static str {
    match engine {
        "docdb" => "AWS/DocDB",
        "neptune" => "AWS/Neptune",
        _ => "AWS/RDS",
    }
}

/// Aurora's storage grows by itself and has no such metric.
fn without(engine: &str) -> &'static [&'static str] {
    if engine.starts_with("aurora") { &["FreeStorageSpace"] } else { &[] }
}

fn db_instance(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let fields = item.configuration()?;
    let name = text(&fields, "dBInstanceIdentifier")?.to_owned();
    let kind = text(&fields, "engine")?;
    let mut subject = Subject::new(engine(kind), vec![("DBInstanceIdentifier", name)]);
    if let Some(cluster) = fields.text("dBClusterIdentifier")?.filter(|name| !name.is_empty()) {
        subject.parents.push(vec![("DBClusterIdentifier", cluster.to_owned())]);
    }
    subject.without = without(kind);
    Ok(subject)
}

fn db_cluster(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let fields = item.configuration()?;
    let name = text(&fields, "dbclusterIdentifier")?.to_owned();
    let kind = text(&fields, "engine")?;
    let members = fields.list("dbclusterMembers")?.unwrap_or_default();
    let members = members
        .iter()
        .map(|one| Ok(("DBInstanceIdentifier", text(one, "dbinstanceIdentifier")?.to_owned())))
        .collect::<Result<_, ItemError>>()?;
    Ok(Subject {
        members,
        without: without(kind),
        ..Subject::new(engine(kind), vec![("DBClusterIdentifier", name)])
    })
}

fn load_balancer(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let fields = item.configuration()?;
    let arn = text(&fields, "loadBalancerArn")?;
    let name = arn.split_once(":loadbalancer/").map(|(_, name)| name.to_owned());
    let name = name.ok_or_else(|| fields.missing("loadBalancerArn"))?;
    let namespace = match text(&fields, "type")? {
        "application" => "AWS/ApplicationELB",
        "network" => "AWS/NetworkELB",
        _ => "AWS/GatewayELB",
    };
    Ok(Subject::new(namespace, vec![("LoadBalancer", name)]))
}

fn function(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let name = text(&item.configuration()?, "functionName")?.to_owned();
    // Lambda also measures all functions together.
    Ok(Subject { whole: true, ..Subject::new("AWS/Lambda", vec![("FunctionName", name)]) })
}

fn table(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let name = text(&item.configuration()?, "tableName")?.to_owned();
    Ok(Subject::new("AWS/DynamoDB", vec![("TableName", name)]))
}

fn service(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let fields = item.configuration()?;
    // Both may be names or ARNs.
    let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    let name = match fields.text("ServiceName")? {
        Some(name) if !name.is_empty() => name,
        _ => text(&fields, "Name")?,
    };
    let cluster = ("ClusterName", last(text(&fields, "Cluster")?));
    let own = vec![cluster.clone(), ("ServiceName", last(name))];
    Ok(Subject { parents: vec![vec![cluster]], ..Subject::new("AWS/ECS", own) })
}

fn queue(item: &ConfigurationItem) -> Result<Subject, ItemError> {
    let name = text(&item.configuration()?, "QueueName")?.to_owned();
    Ok(Subject::new("AWS/SQS", vec![("QueueName", name)]))
}

/// Which metrics of a resource nobody is told of.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// Their names.
    pub(super) metrics: Vec<String>,
    /// Some metric is needed at all.
    pub(super) needed: bool,
    /// What decides is another account's.
    pub(super) central: bool,
    /// A query with conditions decides.
    pub(super) unread: bool,
}

/// Compares the alarms with the metrics that need one.
pub(super) async fn missing(
    subject: &Subject,
    matrix: &[Needed],
    alarms: &[Alarm],
    teller: &Teller,
) -> Result<Missing, Error> {
    let mut missing = Missing::default();
    for needed in matrix.iter().filter(|needed| needed.namespace == subject.namespace) {
        let names: Vec<&str> = needed.names.iter().map(String::as_str).collect();
        let names: Vec<&str> =
            names.into_iter().filter(|name| !subject.without.contains(name)).collect();
        if names.is_empty() {
            continue;
        }
        missing.needed = true;
        let of = |covers: &dyn Fn(&Metric) -> bool| -> Vec<&Alarm> {
            let watches = |alarm: &Alarm| {
                names.iter().any(|name| alarm.watches(&subject.namespace, name, covers))
            };
            alarms.iter().filter(|alarm| watches(alarm)).collect()
        };
        let own = of(&|metric| subject.takes_in(metric));
        let members: Vec<Vec<&Alarm>> = subject
            .members
            .iter()
            .map(|(dimension, value)| of(&|metric| metric.has(dimension, value)))
            .collect();
        let queries = |whole: bool| -> Vec<&Alarm> {
            let asks = |alarm: &&Alarm| {
                names.iter().any(|name| alarm.asks(&subject.namespace, name) == Some(whole))
            };
            alarms.iter().filter(asks).collect()
        };
        let (all, some) = (queries(true), queries(false));
        let mut found = decided(teller.best(&own).await?)?;
        if !found.alerts() && !members.is_empty() {
            let mut worst = Found::Live;
            for member in &members {
                worst.worsen(decided(teller.best(member).await?)?);
            }
            found.improve(worst);
        }
        if !found.alerts() {
            found.improve(decided(teller.best(&all).await?)?);
        }
        if !found.alerts() && decided(teller.best(&some).await?)?.alerts() {
            missing.unread = true;
            continue;
        }
        missing.central |= found == Found::Central;
        if !found.alerts() {
            missing.metrics.push(needed.names.join("|"));
        }
    }
    Ok(missing)
}

/// What cannot be decided is no verdict.
pub(super) fn decided(found: Found) -> Result<Found, Error> {
    match found {
        Found::Undecided(why) => Err(Error::Control(format!(
            "it cannot be decided whether anybody is told of an alarm: {why}"
        ))),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(kind: &str, id: &str, configuration: Value, tags: Value) -> Result<Subject, ItemError> {
        let mut item = fisc_testkit::events::item(kind, id, configuration);
        item["tags"] = tags;
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        Ok(subject(&item)?.expect("a kind that is measured"))
    }

    fn metric(dimensions: &[(&str, &str)]) -> Metric {
        let sdk = dimensions.iter().map(|(name, value)| {
            aws_sdk_cloudwatch::types::Dimension::builder().name(*name).value(*value).build()
        });
        Metric::new(Some("n"), Some("m"), &sdk.collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_resource_is_known_by_its_dimensions_and_its_parents() {
        let database = |engine: &str| json!({"dBInstanceIdentifier": "ledger-1", "dBClusterIdentifier": "ledger", "engine": engine});
        let balancer = json!({"type": "network", "loadBalancerArn": "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/in/0a"});
        let cases = [
            (
                of(
                    "AWS::EC2::Instance",
                    "i-1",
                    json!({}),
                    json!({"aws:autoscaling:groupName": "web"}),
                ),
                "AWS/EC2",
                vec![vec![("InstanceId", "i-1")], vec![("AutoScalingGroupName", "web")]],
                vec![vec![("InstanceId", "i-2")], vec![("AutoScalingGroupName", "batch")], vec![]],
            ),
            (
                of("AWS::EC2::Instance", "i-1", json!({}), json!({})),
                "AWS/EC2",
                vec![vec![("InstanceId", "i-1")]],
                vec![vec![("AutoScalingGroupName", "web")]],
            ),
            (
                of("AWS::RDS::DBInstance", "db-X", database("postgres"), json!({})),
                "AWS/RDS",
                vec![
                    vec![("DBInstanceIdentifier", "ledger-1")],
                    vec![("DBClusterIdentifier", "ledger")],
                ],
                // The cluster's readers only.
                vec![vec![("DBClusterIdentifier", "ledger"), ("Role", "READER")], vec![]],
            ),
            (
                of("AWS::RDS::DBInstance", "db-X", database("docdb"), json!({})),
                "AWS/DocDB",
                vec![vec![("DBInstanceIdentifier", "ledger-1")]],
                vec![],
            ),
            (
                of("AWS::ElasticLoadBalancingV2::LoadBalancer", "arn", balancer, json!({})),
                "AWS/NetworkELB",
                vec![vec![("LoadBalancer", "net/in/0a"), ("TargetGroup", "targetgroup/a/0b")]],
                vec![vec![("LoadBalancer", "net/other/0a"), ("TargetGroup", "targetgroup/a/0b")]],
            ),
            (
                of("AWS::Lambda::Function", "f", json!({"functionName": "pay"}), json!({})),
                "AWS/Lambda",
                vec![
                    vec![("FunctionName", "pay")],
                    vec![("FunctionName", "pay"), ("Resource", "pay:live")],
                    vec![],
                ],
                vec![vec![("FunctionName", "other")]],
            ),
            (
                of("AWS::DynamoDB::Table", "t", json!({"tableName": "t"}), json!({})),
                "AWS/DynamoDB",
                vec![vec![("TableName", "t"), ("Operation", "PutItem")]],
                vec![vec![("TableName", "u"), ("Operation", "PutItem")]],
            ),
            (
                of(
                    "AWS::ECS::Service",
                    "arn",
                    json!({"ServiceName": "api", "Cluster": "arn:aws:ecs:ap-northeast-1:111122223333:cluster/core"}),
                    json!({}),
                ),
                "AWS/ECS",
                vec![
                    vec![("ClusterName", "core"), ("ServiceName", "api")],
                    vec![("ClusterName", "core")],
                ],
                // Another service of the same cluster.
                vec![
                    vec![("ClusterName", "core"), ("ServiceName", "web")],
                    vec![("ClusterName", "edge")],
                ],
            ),
            (
                of("AWS::SQS::Queue", "url", json!({"QueueName": "orders"}), json!({})),
                "AWS/SQS",
                vec![vec![("QueueName", "orders")]],
                vec![vec![("QueueName", "orders-dlq")]],
            ),
        ];
        for (subject, namespace, good, bad) in cases {
            let subject = subject.unwrap();
            assert_eq!(subject.namespace, namespace);
            for one in good {
                assert!(subject.takes_in(&metric(&one)), "{subject:?} {one:?}");
            }
            for one in bad {
                assert!(!subject.takes_in(&metric(&one)), "{subject:?} {one:?}");
            }
        }
    }

    #[test]
    fn a_cluster_is_known_by_its_members_too_and_aurora_has_no_free_storage() {
        let cluster = of(
            "AWS::RDS::DBCluster",
            "cluster-X",
            json!({"dbclusterIdentifier": "ledger", "engine": "aurora-mysql",
                   "dbclusterMembers": [{"dbinstanceIdentifier": "a"}, {"dbinstanceIdentifier": "b"}]}),
            json!({}),
        )
        .unwrap();
        assert_eq!(cluster.without, ["FreeStorageSpace"]);
        assert_eq!(cluster.members.len(), 2);
    }

    #[test]
    fn what_names_a_resource_must_be_there() {
        for kind in [
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBCluster",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::Lambda::Function",
            "AWS::DynamoDB::Table",
            "AWS::ECS::Service",
            "AWS::SQS::Queue",
        ] {
            assert!(of(kind, "x", json!({}), json!({})).is_err(), "{kind}");
        }
    }
}
