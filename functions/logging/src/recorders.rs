//! What records the events of an account: its trails, those of its organization, and event data
//! stores.

use fisc_shared::error::{Failure, ServiceError};
use fisc_shared::{Error, Run};

use crate::lake::EventDataStore;
use crate::selectors::{Events, Selectors};
use crate::trails::{CloudTrail, Trail};

/// The errors by which CloudTrail itself keeps the selectors of an organization trail from the
/// members that the trail covers, whatever their roles allow.
const KEPT_FROM_MEMBERS: [&str; 3] =
    ["TrailNotFoundException", "OperationNotPermittedException", "UnsupportedOperationException"];

/// What a recorder selects.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These events.
    Known(Selectors),
    /// A member cannot read what the organization trail selects, and takes it on trust: its
    /// owner is judged by it.
    Trusted,
    /// A member is denied what the organization trail selects, and nothing says to trust it.
    Denied(ServiceError),
}

/// A trail that logs, or an event data store that takes in events.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// The Region whose events it records; `None` for those of every Region.
    pub region: Option<String>,
    /// Which events.
    pub selection: Selection,
}

impl Recorder {
    /// A trail that logs. `trusted` holds the ARNs of organization trails that are known to
    /// record what they should, for members that are denied their selectors.
    ///
    /// # Errors
    /// When the selectors cannot be read, unless the trail is of the organization and another
    /// account owns it.
    pub async fn trail(
        cloudtrail: &CloudTrail,
        trail: &Trail,
        trusted: &[String],
        run: &Run<'_>,
    ) -> Result<Self, Error> {
        let foreign = trail.is_organization && trail.arn.account_id() != run.account_id;
        let selection = match cloudtrail.selectors(trail).await {
            Ok(selectors) => Selection::Known(selectors),
            Err(Error::Service(error)) if foreign => of_error(error, trail, trusted)?,
            Err(error) => return Err(error),
        };
        let region = (!trail.is_multi_region).then(|| trail.arn.home_region().to_owned());
        Ok(Self { region, selection })
    }

    /// Whether it records the events of a Region.
    #[must_use]
    pub fn covers(&self, region: &str) -> bool {
        self.region.as_deref().is_none_or(|own| own == region)
    }

    /// Whether what it records is taken on trust.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        matches!(self.selection, Selection::Trusted)
    }
}

fn of_error(
    mut error: ServiceError,
    trail: &Trail,
    trusted: &[String],
) -> Result<Selection, Error> {
    if KEPT_FROM_MEMBERS.iter().any(|code| error.is(code)) {
        return Ok(Selection::Trusted);
    }
    if error.failure != Failure::Denied {
        return Err(error.into());
    }
    if trusted.iter().any(|arn| arn == trail.arn.as_str()) {
        return Ok(Selection::Trusted);
    }
    error.message = format!(
        "{} (trail {} of the organization; a parameter of the control names trails to trust)",
        error.message, trail.arn
    );
    Ok(Selection::Denied(error))
}

impl From<&EventDataStore> for Recorder {
    fn from(store: &EventDataStore) -> Self {
        Self {
            region: (!store.is_multi_region).then(|| store.region.clone()),
            selection: Selection::Known(store.selectors.clone()),
        }
    }
}

/// Whether these recorders together record every one of the events.
///
/// # Errors
/// When those that are known do not, and another one could whose selectors are denied.
pub fn record<'a>(
    recorders: impl IntoIterator<Item = &'a Recorder>,
    events: &Events,
) -> Result<bool, Error> {
    let mut known = Selectors::default();
    let mut denied = None;
    for recorder in recorders {
        match &recorder.selection {
            Selection::Known(selectors) => known.add(selectors),
            Selection::Trusted => return Ok(true),
            Selection::Denied(error) => denied = Some(error),
        }
    }
    match denied {
        _ if known.record(events) => Ok(true),
        Some(error) => Err(error.clone().into()),
        None => Ok(false),
    }
}
