//! The resilience domain: staying up, and coming back.

pub mod load_balancer_resilience;
pub mod multi_az;
pub mod network_redundancy;
mod states;
mod tags;
#[cfg(test)]
mod testing;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&multi_az::CONTROL, &network_redundancy::CONTROL, &load_balancer_resilience::CONTROL];
