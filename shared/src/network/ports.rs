//! Sets of ports.

use super::ranges::Ranges;

/// A set of ports.
pub type Ports = Ranges<u16>;

/// Every port.
pub const ALL_PORTS: (u16, u16) = (0, u16::MAX);

/// Every port that can be used: 0 is reserved.
pub const USABLE_PORTS: (u16, u16) = (1, u16::MAX);

/// A port or a range of ports, as a parameter gives it: `443`, `1024-65535`.
#[must_use]
pub fn port_range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    // A number's own parser would also take a plus sign.
    let port = |text: &str| {
        let text = text.trim();
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some((first, last))
}

/// A range as people write it: `443`, `1024-65535`.
#[must_use]
pub fn text_of((first, last): (u16, u16)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// The ports that satisfy `test`, where nothing changes but at the `starts`: one test serves all
/// ports up to the next start.
pub(super) fn ports_where(starts: impl Iterator<Item = u16>, test: impl Fn(u16) -> bool) -> Ports {
    let mut starts: Vec<u16> = starts.chain([ALL_PORTS.0]).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([ALL_PORTS.1]);
    starts.iter().copied().zip(ends).filter(|(first, _)| test(*first)).collect()
}
