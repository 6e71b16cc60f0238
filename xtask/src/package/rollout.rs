//! `cargo xtask rollout`: the organization's stack goes to a release, forward or back.

use std::time::Duration;

use aws_types::SdkConfig;
use clap::Args;
use fisc_cli::aws::AwsArgs;

use super::bucket::Buckets;
use super::error::Error;
use super::release::check_id;
use super::stack::{Outcome, Patience, Stack};

/// Options of `cargo xtask rollout`.
#[derive(Args)]
pub(crate) struct RolloutArgs {
    /// The organization's stack
    #[arg(long, value_name = "STACK")]
    pub(crate) stack: String,
    /// The release to go to, forward or back
    #[arg(long, value_name = "RELEASE", required_unless_present = "list")]
    pub(crate) release: Option<String>,
    /// Show the releases that there are
    #[arg(long, conflicts_with = "release")]
    pub(crate) list: bool,
    /// Prefix of the buckets' names, instead of the stack's
    #[arg(long, value_name = "PREFIX")]
    pub(crate) bucket: Option<String>,
    /// Regions, separated by commas, instead of the stack's
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
}

/// How long a rollout is waited for.
#[derive(Args, Clone, Copy)]
pub(crate) struct WaitArgs {
    /// Minutes to wait for the stack; 200 accounts in several Regions take some of them
    #[arg(long, value_name = "MINUTES", default_value_t = 180)]
    pub(crate) timeout_minutes: u64,
    /// Seconds between two looks at the stack
    #[arg(long, value_name = "SECONDS", default_value_t = 10, hide = true)]
    pub(crate) pause_seconds: u64,
}

impl WaitArgs {
    fn patience(self) -> Patience {
        Patience {
            pause: Duration::from_secs(self.pause_seconds),
            limit: Duration::from_secs(self.timeout_minutes * 60),
        }
    }
}

/// Lists the releases, or goes to one after making sure that it is complete in every Region.
///
/// # Errors
/// When something is missing or refused, or the update fails.
pub(crate) async fn run(sdk: &SdkConfig, args: &RolloutArgs, say: fn(&str)) -> Result<(), Error> {
    if let Some(release) = &args.release {
        check_id(release)?;
    }
    let stack = Stack::find(sdk, &args.stack).await?;
    let current = stack.release()?;
    let prefix = args.bucket.clone().map_or_else(|| stack.bucket_prefix(), Ok)?;
    let regions = if args.regions.is_empty() { stack.regions()? } else { args.regions.clone() };
    let buckets = Buckets::new(sdk, &prefix, &regions);
    let Some(release) = &args.release else {
        for found in buckets.list().await? {
            let stored = found.stored.map_or_else(
                || "not complete".to_owned(),
                |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            );
            let mark = if found.release == current { "  <- the stack's" } else { "" };
            say(&format!("{:<28} {stored}{mark}", found.release));
        }
        return Ok(());
    };
    let manifest = buckets.verify(release).await?;
    stack.architecture_fits(&manifest)?;
    to(&stack, release, args.wait, say).await
}

/// Sets the stack's release and tells the outcome.
///
/// # Errors
/// When the update is refused, fails or takes too long.
pub(crate) async fn to(
    stack: &Stack,
    release: &str,
    wait: WaitArgs,
    say: fn(&str),
) -> Result<(), Error> {
    let before = match stack.release()? {
        "" => "none".to_owned(),
        before => before.to_owned(),
    };
    say(&format!("Rolling out: {} goes from {before} to {release}", stack.name));
    match stack.set_release(release, wait.patience(), say).await? {
        Outcome::Updated => say(&format!("{} is at {release}", stack.name)),
        Outcome::NoChange => say(&format!("{} was at {release} already", stack.name)),
    }
    Ok(())
}
