//! One resource of each type as AWS Config records it, and how it changes.

use fisc_shared::ResourceType;
use serde_json::{Value, json};

mod apis;
mod compute;
mod databases;
mod edge;

pub(super) use edge::attributes;

/// A change: a path and the value to put there; null takes the field away.
pub(super) type Change = (&'static str, Value);

pub(super) struct Fixture {
    pub(super) resource: ResourceType,
    configuration: Value,
    supplementary: Value,
    /// Changes after which the resource fails, and the code.
    pub(super) bad: Vec<(Vec<Change>, &'static str)>,
    /// Changes after which it passes all the same, perhaps with a note.
    pub(super) also_good: Vec<Vec<Change>>,
    /// Fields without which nothing can be said, and changes that make them count.
    pub(super) needed: Vec<&'static str>,
    /// Changes after which nothing can be said.
    pub(super) unreadable: Vec<Vec<Change>>,
    /// Changes after which the resource is not judged, and the remark.
    pub(super) not_judged: Vec<(Vec<Change>, &'static str)>,
}

impl Fixture {
    fn new(resource: ResourceType, configuration: Value) -> Self {
        Self {
            resource,
            configuration,
            supplementary: json!({}),
            bad: Vec::new(),
            also_good: Vec::new(),
            needed: Vec::new(),
            unreadable: Vec::new(),
            not_judged: Vec::new(),
        }
    }

    fn with(mut self, supplementary: Value) -> Self {
        self.supplementary = supplementary;
        self
    }

    fn fails(mut self, code: &'static str, changes: impl Into<Vec<Change>>) -> Self {
        self.bad.push((changes.into(), code));
        self
    }

    fn passes(mut self, changes: impl Into<Vec<Change>>) -> Self {
        self.also_good.push(changes.into());
        self
    }

    fn needs(mut self, paths: &[&'static str]) -> Self {
        self.needed.extend(paths);
        self
    }

    fn baffles(mut self, changes: impl Into<Vec<Change>>) -> Self {
        self.unreadable.push(changes.into());
        self
    }

    fn left_out(mut self, remark: &'static str, changes: impl Into<Vec<Change>>) -> Self {
        self.not_judged.push((changes.into(), remark));
        self
    }

    /// The resource with its logs on.
    pub(super) fn good(&self) -> Value {
        item(self.resource, self.configuration.clone(), self.supplementary.clone())
    }

    pub(super) fn changed(&self, changes: &[Change]) -> Value {
        changes
            .iter()
            .fold(self.good(), |item, (path, value)| super::with(&item, path, value.clone()))
    }
}

/// An item in the dialect of events; null parts are left out.
pub(super) fn item(resource: ResourceType, configuration: Value, supplementary: Value) -> Value {
    let mut item = json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource.name,
        "resourceId": "hbg-ib", "resourceName": "hbg-ib", "tags": {}, "relationships": [],
    });
    for (name, part) in
        [("configuration", configuration), ("supplementaryConfiguration", supplementary)]
    {
        if !part.is_null() {
            item[name] = part;
        }
    }
    item
}

/// In the order of the table.
pub(super) fn fixtures() -> Vec<Fixture> {
    vec![
        edge::bucket(),
        edge::load_balancer(),
        edge::classic_load_balancer(),
        edge::distribution(),
        apis::rest_stage(),
        apis::v2_stage(),
        apis::graphql_api(),
        databases::db_instance(),
        databases::db_cluster(),
        compute::task_definition(),
        compute::eks_cluster(),
        databases::redshift(),
        databases::open_search(),
        databases::elasticsearch(),
        databases::msk_cluster(),
        databases::broker(),
        compute::state_machine(),
        compute::build_project(),
        compute::datasync_task(),
        compute::connector(),
        compute::environment(),
        compute::glue_job(),
        compute::instance(),
        databases::table(),
    ]
}
