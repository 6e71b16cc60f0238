//! What an error must be.

use std::fmt::Display;

/// The longest error message: one that repeats what was sent is no help, and fills the logs.
const LONGEST: usize = 2000;

/// The value of a reader's outcome. Its error must be one that a person can read in a log.
///
/// # Panics
/// When an error says nothing, says too much, or carries control characters.
pub fn clear<T, E: Display>(outcome: Result<T, E>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.trim().is_empty(), "an error without a message");
            let length = text.chars().count();
            assert!(length <= LONGEST, "an error of {length} characters: {text:.300}");
            assert!(!text.contains(char::is_control), "control characters in {text:?}");
            None
        }
    }
}
