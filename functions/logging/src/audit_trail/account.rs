//! The account as a whole: whether its events are recorded, can be found, and are kept.

use fisc_shared::resource::partition;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Text, Verdict, message};

use super::retention::{self, Kept};
use super::{
    ALLOWED_EXCLUDED_EVENT_SOURCES, DATA_EVENTS_MISSING, KMS_EVENTS_EXCLUDED, LOG_QUERY_MISSING,
    LONG_TERM_RETENTION_MISSING, MANAGEMENT_EVENTS_INCOMPLETE, NO_MULTI_REGION_TRAIL,
    ORGANIZATION_TRAIL_MISSING, REQUIRE_LAKE, REQUIRE_READ_EVENTS, REQUIRED_DATA_TYPES,
    REQUIRED_TRAIL_ARN, RETENTION_ELSEWHERE, SELECTORS_TRUSTED, UNRECORDED_DATA_RESOURCES,
};
use crate::lake::EventDataStore;
use crate::recorders::{Recorder, record};
use crate::selectors::Events;
use crate::trails::{Status, Trail};

const KMS: &str = "kms.amazonaws.com";

/// A trail that the account has or is covered by.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) trail: Trail,
    pub(super) status: Status,
    /// What it records, while it logs.
    pub(super) recorder: Option<Recorder>,
}

impl Seen {
    /// What it records, if it does so for the whole account.
    fn everywhere(&self) -> Option<&Recorder> {
        self.recorder.as_ref().filter(|_| self.trail.is_multi_region && self.trail.includes_global)
    }
}

/// What is known of an account.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) trails: Vec<Seen>,
    pub(super) stores: Vec<EventDataStore>,
    /// Whether an organization trail is demanded.
    pub(super) in_organization: bool,
    /// How long the bucket of a trail keeps its files; asked for only where it decides.
    pub(super) kept: Kept,
}

impl Facts {
    /// The trails that log for the whole account.
    pub(super) fn covering(&self) -> impl Iterator<Item = &Seen> {
        self.trails.iter().filter(|one| one.everywhere().is_some())
    }

    /// What records for the whole account: trails and, after them, event data stores.
    fn recorders(&self) -> (Vec<Recorder>, Vec<Recorder>) {
        let trails = self.trails.iter().filter_map(Seen::everywhere).cloned().collect();
        let stores = self.stores.iter().filter(|one| one.is_enabled && one.is_multi_region);
        (trails, stores.map(Recorder::from).collect())
    }

    /// The event data stores in which the management events of the whole account are.
    pub(super) fn complete_stores(&self, run: &Run<'_>) -> Vec<&EventDataStore> {
        let complete = |store: &&EventDataStore| {
            let wanted = readings(run)
                .iter()
                .all(|&reading| store.selectors.record(&management(run).reading(reading)));
            store.is_enabled && store.is_multi_region && wanted
        };
        self.stores.iter().filter(complete).collect()
    }
}

/// The kinds of events that are demanded: those that write, perhaps those that read.
fn readings(run: &Run<'_>) -> &'static [bool] {
    if run.parameters.get(&REQUIRE_READ_EVENTS) { &[false, true] } else { &[false] }
}

/// All management events but those that may be left out, and those of KMS.
fn management(run: &Run<'_>) -> Events {
    let allowed = run.parameters.get(&ALLOWED_EXCLUDED_EVENT_SOURCES);
    Events::management().but_of_sources(allowed.iter().map(String::as_str).chain([KMS]))
}

/// Reads and writes, by name.
fn named(readings: &[bool]) -> Message {
    match readings {
        [true] => message!("read", "読み取り"),
        [false] => message!("write", "書き込み"),
        _ => message!("read and write", "読み取りと書き込み"),
    }
}

pub(super) fn judge(facts: &Facts, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    let (trails, stores) = facts.recorders();
    if trails.is_empty() {
        no_trail(facts, &mut failures);
    } else {
        management_events(&trails, &stores, run, &mut failures)?;
    }
    organization_trail(facts, run, &mut failures);
    data_events(trails.iter().chain(&stores), run, &mut failures)?;
    let complete = facts.complete_stores(run);
    let lake = run.parameters.get(&REQUIRE_LAKE);
    let in_logs = facts.covering().any(|one| one.trail.log_group.is_some());
    if complete.is_empty() && (lake || !in_logs) {
        failures.add(&LOG_QUERY_MISSING);
    }
    if retention::longest(&complete) < retention::demanded(run) {
        match &facts.kept {
            Kept::LongEnough => {}
            Kept::Elsewhere => notes.push(RETENTION_ELSEWHERE.reason()),
            Kept::NotLongEnough(found) => {
                failures.because(&LONG_TERM_RETENTION_MISSING, found.clone());
            }
        }
    }
    if trails.iter().any(Recorder::is_trusted) {
        notes.push(SELECTORS_TRUSTED.reason());
    }
    Ok(failures.into_verdict_with(notes))
}

fn no_trail(facts: &Facts, failures: &mut Failures) {
    if facts.trails.is_empty() {
        let none = message!("There is no trail at all", "証跡が一つもありません");
        return failures.because(&NO_MULTI_REGION_TRAIL, none);
    }
    let why = |one: &Seen| {
        let Text { en, ja } = if !one.status.is_logging {
            Text::new("stopped", "停止中")
        } else if one.trail.is_multi_region {
            Text::new("without global services", "グローバルサービスを含まない")
        } else {
            Text::new("one Region", "単一リージョン")
        };
        let name = one.trail.arn.name();
        (format!("{name} ({en})"), format!("{name}({ja})"))
    };
    let (en, ja): (Vec<_>, Vec<_>) = facts.trails.iter().map(why).unzip();
    let (en, ja) = (Message::named(&en).en, Message::named(&ja).ja);
    failures.because(
        &NO_MULTI_REGION_TRAIL,
        message!(
            "No multi-Region trail is logging; there are: {en}",
            "記録中のマルチリージョンの証跡がありません(既存の証跡: {ja})"
        ),
    );
}

fn management_events(
    trails: &[Recorder],
    stores: &[Recorder],
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), Error> {
    let allowed = run.parameters.get(&ALLOWED_EXCLUDED_EVENT_SOURCES);
    let (mut missing, mut without_kms) = (Vec::new(), false);
    for &reading in readings(run) {
        if !record(trails, &management(run).reading(reading))? {
            missing.push(reading);
        } else if !allowed.iter().any(|source| source == KMS) {
            let kms = Events::management().of_source(KMS).reading(reading);
            without_kms |= !record(trails.iter().chain(stores), &kms)?;
        }
    }
    if !missing.is_empty() {
        let Message { en, ja } = named(&missing);
        failures.because(
            &MANAGEMENT_EVENTS_INCOMPLETE,
            message!(
                "Trails do not record all management events ({en})",
                "管理イベント({ja})のすべては証跡に記録されていません"
            ),
        );
    }
    if without_kms {
        failures.add(&KMS_EVENTS_EXCLUDED);
    }
    Ok(())
}

fn organization_trail(facts: &Facts, run: &Run<'_>, failures: &mut Failures) {
    if !facts.in_organization {
        return;
    }
    let required = run.parameters.get(&REQUIRED_TRAIL_ARN);
    let covered = facts.covering().any(|one| {
        one.trail.is_organization && (required.is_empty() || one.trail.arn.as_str() == required)
    });
    if covered {
        return;
    }
    if required.is_empty() {
        failures.add(&ORGANIZATION_TRAIL_MISSING);
    } else {
        failures.because(
            &ORGANIZATION_TRAIL_MISSING,
            message!(
                "The organization trail {required} does not cover the account or does not log",
                "組織の証跡 {required} がアカウントを対象としていないか、記録していません"
            ),
        );
    }
}

fn data_events<'a>(
    recorders: impl Iterator<Item = &'a Recorder> + Clone,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), Error> {
    let excused = run.parameters.get(&UNRECORDED_DATA_RESOURCES);
    let (mut en, mut ja) = (Vec::new(), Vec::new());
    for kind in run.parameters.get(&REQUIRED_DATA_TYPES) {
        let events = Events::data(&kind, partition(run.region)).but_under(&excused);
        let mut missing = Vec::new();
        for reading in [false, true] {
            if !record(recorders.clone(), &events.clone().reading(reading))? {
                missing.push(reading);
            }
        }
        if !missing.is_empty() {
            let kinds = named(&missing);
            en.push(format!("{kind} ({})", kinds.en));
            ja.push(format!("{kind}({})", kinds.ja));
        }
    }
    if !en.is_empty() {
        let (en, ja) = (Message::named(&en).en, Message::named(&ja).ja);
        failures.because(
            &DATA_EVENTS_MISSING,
            message!(
                "Data events are not recorded for all resources: {en}",
                "すべてのリソースのデータイベントは記録されていません: {ja}"
            ),
        );
    }
    Ok(())
}
