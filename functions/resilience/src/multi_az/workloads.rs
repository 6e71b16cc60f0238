//! Instances outside Auto Scaling groups, by the workload that they are part of.

use std::collections::BTreeMap;

use fisc_shared::item::required::{part, text};
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::declared::{WORKLOAD_SINGLE_AZ, WORKLOAD_TAG_KEY};
use super::spread::{self, Zones};

/// The tag that Auto Scaling gives its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// The zone of an instance that runs.
pub(super) fn zone_if_running(item: &ConfigurationItem) -> Result<Option<String>, Error> {
    let fields = item.configuration()?;
    if text(&part(&fields, "state")?, "name")? != "running" {
        return Ok(None);
    }
    Ok(Some(text(&part(&fields, "placement")?, "availabilityZone")?.to_owned()))
}

/// Whether the tags are those of an instance of an Auto Scaling group.
pub(super) fn in_group(tags: &BTreeMap<String, String>) -> bool {
    tags.contains_key(GROUP_TAG)
}

/// The workload that the tags name.
pub(super) fn of(tags: &BTreeMap<String, String>, run: &Run<'_>) -> Option<String> {
    tags.get(&run.parameters.get(&WORKLOAD_TAG_KEY)).filter(|name| !name.is_empty()).cloned()
}

/// The zones of each workload, by its instances' ids.
#[derive(Debug, Default)]
pub(super) struct Workloads(BTreeMap<String, BTreeMap<String, String>>);

impl Workloads {
    /// From the items of all instances, with their tags.
    pub(super) fn read(items: &[ConfigurationItem], run: &Run<'_>) -> Result<Self, Error> {
        let mut workloads = Self::default();
        for item in items {
            workloads.add(item, run)?;
        }
        Ok(workloads)
    }

    /// Adds an instance, or replaces what is known of it.
    pub(super) fn add(&mut self, item: &ConfigurationItem, run: &Run<'_>) -> Result<(), Error> {
        for instances in self.0.values_mut() {
            instances.remove(&item.resource_id);
        }
        let tags = item.all_tags()?;
        let Some(workload) = of(&tags, run) else { return Ok(()) };
        if in_group(&tags) {
            return Ok(());
        }
        if let Some(zone) = zone_if_running(item)? {
            self.0.entry(workload).or_default().insert(item.resource_id.clone(), zone);
        }
        Ok(())
    }

    /// The verdict on every instance of a workload.
    pub(super) fn judge(&self, workload: &str, run: &Run<'_>) -> Verdict {
        let instances = self.0.get(workload);
        let zones: Zones = instances.into_iter().flat_map(BTreeMap::values).cloned().collect();
        spread::verdict(&WORKLOAD_SINGLE_AZ, &zones, Vec::new(), run)
    }
}
