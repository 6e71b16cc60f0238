//! The findings Lambda's table of controls: it must not link the domains, each of which brings
//! the SDKs of the services that it asks.

use fisc_shared::Control;
use fisc_shared::asff::Facts;

use crate::files::Error;

pub(crate) fn render(controls: &[&'static Control]) -> Result<String, Error> {
    let mut facts: Vec<Facts> = controls.iter().map(|control| Facts::from(*control)).collect();
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(serde_json::to_string_pretty(&facts)? + "\n")
}
