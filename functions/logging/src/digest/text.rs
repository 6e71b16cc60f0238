//! Making text from untrusted files fit for messages and terminals.

/// The longest quotation, in characters.
const LIMIT: usize = 160;

/// Quotes untrusted text: control characters are replaced, and it is cut to a readable length.
pub(super) fn quote(text: &str) -> String {
    let mut quoted: String =
        text.chars().take(LIMIT).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LIMIT).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_length_are_tamed() {
        assert_eq!(quote("a\u{1b}[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
        assert_eq!(quote(&"界".repeat(1000)).chars().count(), LIMIT + 1);
    }
}
