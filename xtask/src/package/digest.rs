//! SHA-256, as people read it and as AWS writes it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// A SHA-256 digest. As text it is hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        let of = ring::digest::digest(&ring::digest::SHA256, bytes);
        digest.iter_mut().zip(of.as_ref()).for_each(|(to, from)| *to = *from);
        Self(digest)
    }

    /// As Lambda's `CodeSha256` and S3's checksums have it.
    pub(crate) fn base64(self) -> String {
        BASE64.encode(self.0)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_standards_example() {
        let digest = Sha256::of(b"abc");
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), hex);
        assert_eq!(digest.base64(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
