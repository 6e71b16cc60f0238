//! The parts of CloudTrail's digests that read a file.

#[path = "../../functions/logging/src/digest/document.rs"]
mod document;
#[path = "../../functions/logging/src/digest/hostile.rs"]
pub mod hostile;
#[path = "../../functions/logging/src/digest/inflate.rs"]
mod inflate;
#[path = "../../functions/logging/src/digest/problem.rs"]
mod problem;
#[path = "../../functions/logging/src/digest/text.rs"]
mod text;

use problem::Cause;
