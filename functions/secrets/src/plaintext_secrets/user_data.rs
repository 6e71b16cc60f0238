//! Secrets in user data: scripts and cloud-init documents, plain, compressed or in MIME parts.

use std::io::Read;

use super::detect::{Detector, Found, Kind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;

/// User data has at most 16 KB; compressed, a text of it may be larger, but not without bound.
const MAX_INFLATED: u64 = 4 * 1024 * 1024;

/// A user data that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UserDataError {
    /// Not base64.
    #[error("the user data is not base64")]
    NotBase64,
    /// A gzip stream that ends early, is damaged or inflates to too much.
    #[error("the user data is compressed and cannot be inflated")]
    NotInflated,
}

/// The bytes that base64 text stands for.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, UserDataError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(compact).map_err(|_| UserDataError::NotBase64)
}

/// The secrets in user data: literal assignments to secret names, and forms of secrets.
pub(super) fn scan(detector: &Detector, bytes: &[u8]) -> Result<Vec<Found>, UserDataError> {
    let text = text(bytes)?;
    let mut found = Vec::new();
    for part in std::iter::once(text.clone()).chain(encoded_parts(&text)) {
        if detector.text(&part) {
            found.push(Found { place: "user data".to_owned(), kind: Kind::Form });
        }
        found.extend(part.lines().filter_map(|line| assignment(detector, line)));
    }
    found.dedup();
    Ok(found)
}

fn text(bytes: &[u8]) -> Result<String, UserDataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(String::from_utf8_lossy(bytes).into_owned());
    }
    let mut inflated = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MAX_INFLATED + 1)
        .read_to_end(&mut inflated)
        .map_err(|_| UserDataError::NotInflated)?;
    if inflated.len() as u64 > MAX_INFLATED {
        return Err(UserDataError::NotInflated);
    }
    Ok(String::from_utf8_lossy(&inflated).into_owned())
}

/// The parts of a MIME document that are base64 themselves, decoded; plain parts are in the text.
fn encoded_parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("Content-Transfer-Encoding: base64") {
        rest = after;
        let body = after.split_once("\n\n").or_else(|| after.split_once("\r\n\r\n"));
        let Some((_, body)) = body else { continue };
        let encoded: String = body.lines().take_while(|line| !line.starts_with("--")).collect();
        if let Ok(bytes) = decode(&encoded) {
            parts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    parts
}

/// An assignment of a literal to a name that suggests a secret: in a shell, in YAML, in an option.
fn assignment(detector: &Detector, line: &str) -> Option<Found> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let line = ["export ", "set ", "setx ", "readonly ", "- "]
        .iter()
        .find_map(|word| line.strip_prefix(word))
        .unwrap_or(line)
        .trim_start_matches('-')
        .trim();
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim().trim_matches('"');
    let word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() || !name.chars().all(word) {
        return None;
    }
    let value = literal(value.trim().trim_end_matches([';', ',']))?;
    detector.variable(name, value).map(|kind| Found { place: name.to_owned(), kind })
}

/// The value, if it is a literal: quoted, or one bare word. What a script computes is none.
fn literal(value: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote)?;
            // In double quotes a shell still expands.
            let computed = quote == '"' && (inner.contains("$(") || inner.contains('`'));
            return (!computed).then_some(inner);
        }
    }
    let computed = |c: char| c.is_whitespace() || "()`|&<>".contains(c);
    (!value.is_empty() && !value.contains(computed)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fisc_shared::Parameters;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn names(bytes: &[u8]) -> Vec<String> {
        let detector = Detector::new(&Parameters::default()).unwrap();
        scan(&detector, bytes).unwrap().into_iter().map(|found| found.place).collect()
    }

    #[test]
    fn literal_assignments_are_found() {
        let script =
            b"#!/bin/bash\nexport DB_PASSWORD=s3cr3t\nAPI_KEY='abc def'\n  token: \"t0k3n\"\n\
                       run --password=hunter2\n--client-secret=x1y2\n";
        assert_eq!(names(script), ["DB_PASSWORD", "API_KEY", "token", "client-secret"]);
    }

    #[test]
    fn what_a_script_computes_is_no_literal() {
        let script = b"#!/bin/bash\n# DB_PASSWORD=old\nDB_PASSWORD=$(aws secretsmanager get-secret-value)\n\
                       TOKEN=`curl -X PUT http://169.254.169.254/latest/api/token`\nPASSWORD=\"$(cat /run/p)\"\n\
                       token = fetch_token(url)\nSECRET=$SECRET_FROM_ENV\npassword: ${DB_PASSWORD}\n\
                       if [ -z \"$PASSWORD\" ]; then exit 1; fi\nPASSWORD_FILE=/run/secrets/db\n";
        assert_eq!(names(script), [""; 0]);
    }

    #[test]
    fn compressed_and_encoded_parts_are_read() {
        let script = b"export DB_PASSWORD=s3cr3t\n";
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(script).unwrap();
        let zipped = encoder.finish().unwrap();
        assert_eq!(names(&zipped), ["DB_PASSWORD"]);
        let mime = format!(
            "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/x-shellscript\n\
             Content-Transfer-Encoding: base64\n\n{}\n--b--\n",
            STANDARD.encode(script)
        );
        assert_eq!(names(mime.as_bytes()), ["DB_PASSWORD"]);
        let detector = Detector::new(&Parameters::default()).unwrap();
        let cut = scan(&detector, zipped.get(..zipped.len() - 9).unwrap());
        assert_eq!(cut, Err(UserDataError::NotInflated));
    }

    #[test]
    fn forms_of_secrets_are_found_anywhere() {
        assert_eq!(
            names(b"aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE"),
            ["user data"]
        );
        assert_eq!(names(b"cat <<EOF\n-----BEGIN RSA PRIVATE KEY-----\nEOF"), ["user data"]);
    }
}
