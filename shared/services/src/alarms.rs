//! CloudWatch alarms: which metrics they watch, and whether they tell anybody.
//!
//! They are asked of CloudWatch: AWS Config's item of an alarm has neither the metrics of metric
//! math nor the state, and composite alarms have no rule in it.
//!
//! ```no_run
//! # async fn example(sdk: &aws_types::SdkConfig) -> Result<(), fisc_shared::Error> {
//! use fisc_services::Alerts;
//! use fisc_services::alarms::{Metric, Teller, alarms};
//!
//! let alarms = alarms(sdk).await?;
//! let teller = Teller::new(&Alerts::new(sdk), "111122223333", true);
//! let of_instance = |metric: &Metric| metric.has("InstanceId", "i-0123456789abcdef0");
//! let watching: Vec<_> = alarms
//!     .iter()
//!     .filter(|alarm| alarm.watches("AWS/EC2", "CPUUtilization", of_instance))
//!     .collect();
//! println!("{:?}", teller.best(&watching).await?);
//! # Ok(()) }
//! ```

mod query;
mod read;
mod told;

pub use read::{Alarm, DESCRIBE_ALARMS, Dimension, Metric, alarms, together};
pub use told::{Found, Teller};
