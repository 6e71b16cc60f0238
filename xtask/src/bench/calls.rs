//! Measurement 6: the AWS calls of a periodic run, as a function of how many resources there are.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::sdk_config::SharedHttpClient;
use fisc_shared::control::Control;
use fisc_shared::parameter::Parameters;
use fisc_shared::runner::{Connected, Run};
use fisc_testkit::aws::{ACCESS_KEY, ACCOUNT, Call, FakeAws, REGION};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::account::made_up;

/// How many of everything the accounts have: each twice as many as the one before.
const SIZES: [usize; 3] = [6, 12, 24];

/// What the runs of one control called.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Counted {
    /// The control.
    pub(crate) control: &'static str,
    /// Calls with as many resources as in [`SIZES`]; or why there is no count.
    pub(crate) calls: Result<[usize; 3], String>,
    /// Questions that one run asked more than once, with how often.
    pub(crate) twice: Vec<String>,
}

impl Counted {
    /// Whether the second doubling costs more than twice what the first one did: a constant and a
    /// linear part do not.
    #[cfg(test)]
    pub(crate) fn worse_than_linear(&self) -> bool {
        let Ok([few, double, more]) = self.calls else { return false };
        more.saturating_sub(double) > 2 * double.saturating_sub(few) + SLACK
    }
}

/// A page more or less.
#[cfg(test)]
const SLACK: usize = 4;

/// How long one run may take; one that takes longer is not counted.
const LIMIT: Duration = Duration::from_secs(30);

/// How the reason begins where a run took longer.
pub(crate) const LATE: &str = "time: ";

/// Counts the calls of every control that has a schedule, several controls at a time.
pub(crate) fn count(controls: &[&'static Control]) -> std::io::Result<Vec<Counted>> {
    let periodic: Vec<&'static Control> =
        controls.iter().copied().filter(|control| control.trigger.on_schedule()).collect();
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let work = || -> std::io::Result<Vec<(usize, Counted)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // The client reads the machine's trusted authorities: once is enough.
        let http = fisc_shared::aws::http_client();
        let mut accounts = SIZES.map(made_up).into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut counted = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(control) = periodic.get(place) else { return Ok(counted) };
            let one = count_one(&runtime, &http, &mut accounts, control)?;
            counted.push((place, one));
        }
    };
    let mut counted = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let done = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.collect::<std::io::Result<Vec<_>>>()
    })?
    .concat();
    counted.sort_by_key(|(place, _)| *place);
    Ok(counted.into_iter().map(|(_, one)| one).collect())
}

fn count_one(
    runtime: &Runtime,
    http: &SharedHttpClient,
    accounts: &mut [FakeAws],
    control: &'static Control,
) -> std::io::Result<Counted> {
    let mut twice = Vec::new();
    let mut calls = [0; 3];
    for ((size, aws), count) in SIZES.into_iter().zip(accounts).zip(&mut calls) {
        let run = async { tokio::time::timeout(LIMIT, sweep(control, http, aws)).await };
        let made = runtime.block_on(run).unwrap_or_else(|_| {
            Err(format!("{LATE}a run took more than {} seconds", LIMIT.as_secs()))
        });
        match made {
            Ok(made) => {
                twice = repeated(&made);
                *count = made.len();
            }
            Err(error) => {
                // Calls may still be under way: the next control gets a new account.
                drop(aws.take_unknown());
                *aws = made_up(size)?;
                return Ok(Counted { control: control.id, calls: Err(error), twice });
            }
        }
    }
    Ok(Counted { control: control.id, calls: Ok(calls), twice })
}

/// The questions that were asked more than once, and answered each time.
fn repeated(calls: &[Call]) -> Vec<String> {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.status < 400) {
        let question = format!("{} {} {} {}", call.api, call.operation, call.region, call.body);
        *asked.entry(question).or_default() += 1;
    }
    let asked = asked.into_iter().filter(|(_, times)| *times > 1);
    asked.map(|(question, times)| format!("{times} x {question}")).collect()
}

async fn sweep(
    control: &'static Control,
    http: &SharedHttpClient,
    aws: &FakeAws,
) -> Result<Vec<Call>, String> {
    let connected = Connected::new(control, &sdk(aws, http));
    let parameters = Parameters::from_value(control.id, control.parameters, &turned_on(control))
        .map_err(|error| error.to_string())?;
    let run = Run {
        parameters: &parameters,
        now: Timestamp::now(),
        account_id: ACCOUNT,
        region: REGION,
        deadline: None,
        home: true,
        offline: false,
    };
    let result = connected.sweep(&run).await;
    let calls = aws.take_calls();
    let unknown = aws.take_unknown();
    if let Some(first) = unknown.first() {
        return Err(format!("not emulated: {first}"));
    }
    result.map(|_| calls).map_err(|error| error.to_string())
}

/// Controls that are off by default ask nothing: these are turned on.
fn turned_on(control: &Control) -> Value {
    let on = control.parameters.iter().filter(|spec| spec.name == "enabled");
    Value::Object(on.map(|spec| (spec.name.to_owned(), json!(true))).collect())
}

/// Without retries: what is refused once is refused again, after a wait.
fn sdk(aws: &FakeAws, http: &SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, "not-a-secret", None, None, "bench");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .timeout_config(fisc_shared::aws::timeouts())
        .endpoint_url(aws.prefixed_endpoint())
        .build()
}
