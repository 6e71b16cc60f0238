//! What the readers of this crate must stand, whatever others wrote: functions over any bytes
//! that panic when a property is broken. The tests beside them and the fuzz targets of the same
//! names call them.

// A property that does not hold is told by a panic.
#![allow(clippy::panic, clippy::indexing_slicing)]

mod config;
mod exempt;
mod patterns;
mod policies;
#[cfg(test)]
mod tests;

pub use config::{event, item, parameters};
pub use exempt::exemptions;
pub use patterns::{event_pattern, filter_pattern};
pub use policies::policy;
