//! Results of many accounts, from an aggregator of AWS Config.
//!
//! One listing names the rules with results in every account and Region; then each of those is
//! asked for its resources, a few at a time. That takes two kinds of calls that grow with what
//! was reported, needs nothing recorded, and brings the annotations, which an advanced query
//! over the recorded compliance does not have.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use fisc_shared::aggregator::{AggregateResult, AggregateRule, AggregateSource};
use fisc_shared::config_service::ConfigService;
use fisc_shared::control::Placement;
use fisc_shared::error::ServiceError;
use fisc_shared::resource::{Resource, is_account_id};
use fisc_shared::{Control, Message, ResourceType, exemption, message};
use futures::stream::{self, StreamExt};
use indicatif::ProgressBar;
use jiff::Timestamp;

use super::annotation;
use super::finding::{Finding, Reason, State};
use super::gathered::{Gathered, Origin, alike};
use crate::report::{Problem, Subject};

/// Where controls of CloudFront and the like are deployed.
const US_EAST_1: &str = "us-east-1";

/// What to read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Name of the aggregator.
    pub name: &'a str,
    /// Rules are named `<prefix>-<control>`.
    pub prefix: &'a str,
    /// The controls to read.
    pub controls: &'a [&'static Control],
    /// Now.
    pub at: Timestamp,
}

/// Reads an aggregator. What could not be read of single accounts is a problem in the answer.
///
/// # Errors
/// When the rules cannot be listed: then nothing is known.
pub async fn gather(
    config: &ConfigService,
    wanted: Wanted<'_>,
    bar: &ProgressBar,
) -> Result<Gathered, ServiceError> {
    let mut gathered = Gathered::new(Origin::Aggregator(wanted.name.to_owned()), wanted.at);
    gathered.controls = wanted.controls.to_vec();
    bar.set_message(wanted.name.to_owned());
    let rules = config.aggregate_rules(wanted.name).await?;
    let sources = match config.aggregate_sources(wanted.name).await {
        Ok(sources) => sources,
        Err(error) => {
            let problem = Problem { message: error.to_string(), ..Problem::default() };
            gathered.add_problems(vec![problem]);
            Vec::new()
        }
    };
    tell_sources(&sources, &mut gathered);
    gathered.notes.push(not_applicable_note());
    let places = Places::of(&rules, &sources);
    let known: BTreeMap<String, &'static Control> = wanted
        .controls
        .iter()
        .map(|&control| (format!("{}-{}", wanted.prefix, control.id), control))
        .collect();
    let asked: Vec<(&'static Control, &AggregateRule)> =
        rules.iter().filter_map(|rule| Some((*known.get(rule.name.as_str())?, rule))).collect();
    if asked.is_empty() {
        let prefix = wanted.prefix;
        gathered.notes.push(message!(
            "No rule in the aggregator is named {prefix}-<control>: is the prefix right (--prefix)?",
            "アグリゲータに {prefix}-<コントロール> という名前のルールがありません。プレフィックス (--prefix) を確認してください。"
        ));
    }
    bar.set_length(asked.len() as u64);
    let mut reader = Reader::default();
    let mut answers = stream::iter(&asked)
        .map(|&(control, rule)| async move {
            (control, rule, config.aggregate_results(wanted.name, rule).await)
        })
        .buffered(fisc_shared::aws::CONCURRENCY);
    while let Some((control, rule, answer)) = answers.next().await {
        bar.inc(1);
        bar.set_message(format!("{} {}", rule.account_id, rule.region));
        match answer {
            Ok(results) => reader.read(control, rule, results, &mut gathered),
            Err(error) => reader.failed(control, rule, &error, &mut gathered),
        }
    }
    reader.silent(wanted.controls, &places, &asked, &mut gathered);
    gathered.accounts = places.0.iter().map(|(account, _)| account.clone()).collect();
    gathered.regions = places.0.into_iter().map(|(_, region)| region).collect();
    Ok(gathered)
}

/// What the aggregator does not hand out, for whoever reads the report.
fn not_applicable_note() -> Message {
    message!(
        "AWS Config aggregators hand out results that say compliant or non-compliant. Resources \
         to which a control does not apply, and exempt ones, are not among them: they are seen in \
         the accounts, by fisc report --live or in the rules.",
        "AWS Config アグリゲータが返すのは適合と不適合の結果だけです。対象外のリソースと適用除外とされたリソースは含まれないため、各アカウントで fisc report --live またはルールの結果を確認してください。"
    )
}

fn tell_sources(sources: &[AggregateSource], gathered: &mut Gathered) {
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| source.status != "SUCCEEDED") {
        let AggregateSource { id, region, status, .. } = source;
        let since = source.updated.map(|time| time.to_string()).unwrap_or_default();
        let error = source.error.as_deref().unwrap_or("-");
        if status == "FAILED" {
            problems.push(Problem {
                region: Some(region.clone()),
                message: format!(
                    "the aggregator has no current results of {id} in {region} ({status}, last \
                     update {since}): {error}; check the source's authorization and that AWS \
                     Config records there"
                ),
                ..Problem::default()
            });
        } else {
            gathered.notes.push(message!(
                "The results of {id} in {region} are outdated ({status}, last update {since}): {error}",
                "{id} ({region}) の結果は最新ではありません ({status}、最終更新 {since}): {error}"
            ));
        }
    }
    gathered.add_problems(problems);
}

/// The accounts and Regions that the aggregator knows of.
struct Places(BTreeSet<(String, String)>);

impl Places {
    fn of(rules: &[AggregateRule], sources: &[AggregateSource]) -> Self {
        let of_rules = rules.iter().map(|rule| (&rule.account_id, &rule.region));
        let of_sources = sources
            .iter()
            .filter(|source| !source.organization && is_account_id(&source.id))
            .map(|source| (&source.id, &source.region));
        let places = of_rules.chain(of_sources).filter(|(_, region)| !region.is_empty());
        Self(places.map(|(account, region)| (account.clone(), region.clone())).collect())
    }

    /// Where a control has to have reported; an empty Region stands for any.
    fn of_control(&self, placement: Placement) -> BTreeSet<(&str, &str)> {
        let all = self.0.iter();
        match placement {
            Placement::EveryRegion => {
                all.map(|(account, region)| (account.as_str(), region.as_str())).collect()
            }
            Placement::HomeRegion => all.map(|(account, _)| (account.as_str(), "")).collect(),
            Placement::UsEast1 => all.map(|(account, _)| (account.as_str(), US_EAST_1)).collect(),
        }
    }
}

/// Makes findings; types, accounts and Regions are shared by very many.
#[derive(Default)]
struct Reader {
    words: HashSet<Arc<str>>,
    /// Control, account and Region with at least one result or error; an empty Region for any.
    heard: HashSet<(&'static str, String, String)>,
}

impl Reader {
    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    fn hear(&mut self, control: &'static Control, rule: &AggregateRule) {
        // The Region, and any Region.
        for region in [rule.region.as_str(), ""] {
            self.heard.insert((control.id, rule.account_id.clone(), region.to_owned()));
        }
    }

    fn read(
        &mut self,
        control: &'static Control,
        rule: &AggregateRule,
        results: Vec<AggregateResult>,
        gathered: &mut Gathered,
    ) {
        for result in results {
            let annotation = result.annotation.as_deref().unwrap_or_default();
            let state = match result.compliance.as_str() {
                "COMPLIANT" => State::Passing,
                "NON_COMPLIANT" => State::Failing,
                "NOT_APPLICABLE" if annotation::is_exempt(annotation) => State::Exempt,
                "NOT_APPLICABLE" => State::NotApplicable,
                _ => State::NotEvaluated,
            };
            let known = control.resources.iter().find(|one| one.name == result.resource_type);
            let arn = known
                .and_then(|one| one.arn_of(&result.resource_id, &rule.account_id, &rule.region));
            let subject = Subject {
                resource_type: self.word(&result.resource_type),
                id: result.resource_id.into(),
                region: self.word(&rule.region),
                account_id: self.word(&rule.account_id),
                arn: arn.map(Into::into),
            };
            gathered.findings.push(Finding {
                control,
                subject: subject.into(),
                state,
                exemption: (state == State::Exempt)
                    .then(|| exemption::in_annotation(annotation))
                    .flatten()
                    .map(|granted| Arc::new((&granted).into())),
                reasons: annotation::reasons(control, annotation).into(),
            });
            self.hear(control, rule);
        }
    }

    fn failed(
        &mut self,
        control: &'static Control,
        rule: &AggregateRule,
        error: &ServiceError,
        gathered: &mut Gathered,
    ) {
        let message = format!("{} in {}: {error}", rule.account_id, rule.region);
        gathered.findings.push(Finding {
            control,
            subject: self.account(&rule.account_id, &rule.region),
            state: State::Error,
            reasons: [Reason::plain(alike(message.clone()))].into(),
            exemption: None,
        });
        gathered.problems.push(Problem {
            control: Some(control.id),
            region: Some(rule.region.clone()),
            message,
            ..Problem::default()
        });
        self.hear(control, rule);
    }

    /// Rules that have to be somewhere and said nothing there.
    fn silent(
        &mut self,
        controls: &[&'static Control],
        places: &Places,
        asked: &[(&'static Control, &AggregateRule)],
        gathered: &mut Gathered,
    ) {
        let undecided: HashSet<(&str, &str, &str)> = asked
            .iter()
            .map(|(control, rule)| (control.id, rule.account_id.as_str(), rule.region.as_str()))
            .collect();
        let silent: Arc<[Reason]> = [Reason::plain(message!(
            "The rule has no result here that says compliant or non-compliant: nothing is in its \
             scope, or it is not deployed, or its runs fail",
            "このルールには適合・不適合の結果がありません (対象リソースがない、未デプロイ、または実行の失敗)"
        ))]
        .into();
        let empty: Arc<[Reason]> = [Reason::plain(message!(
            "The aggregator lists the rule here, but has no result of any resource",
            "アグリゲータにルールはありますが、リソースの結果がありません"
        ))]
        .into();
        for &control in controls {
            for (account, region) in places.of_control(control.placement) {
                if self.heard.contains(&(control.id, account.to_owned(), region.to_owned())) {
                    continue;
                }
                let listed = undecided.contains(&(control.id, account, region));
                gathered.findings.push(Finding {
                    control,
                    subject: self.account(account, region),
                    state: State::NotEvaluated,
                    reasons: Arc::clone(if listed { &empty } else { &silent }),
                    exemption: None,
                });
            }
        }
    }

    fn account(&mut self, account: &str, region: &str) -> Arc<Subject> {
        let Resource { arn, .. } = Resource::account(account, region);
        Arc::new(Subject {
            resource_type: self.word(ResourceType::ACCOUNT.name),
            id: account.into(),
            region: self.word(region),
            account_id: self.word(account),
            arn: arn.map(Into::into),
        })
    }
}
