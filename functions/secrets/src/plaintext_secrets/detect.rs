//! Telling secrets from what only looks like one, by name and by form. Nothing here keeps or shows
//! a value.

use fisc_shared::{Error, Message, Parameters};
use regex_lite::Regex;

use super::{EXEMPT_NAMES, SECRET_NAME_PATTERN, SECRET_VALUE_PATTERNS};

/// Why something counts as a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A literal stands under a name that suggests a secret.
    Named,
    /// The value has the form of a secret, whatever its name.
    Form,
    /// A URL or a connection string carries a password.
    Connection,
}

impl Kind {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Named => ("literal", "リテラル"),
            Self::Form => ("key or token", "キーまたはトークン"),
            Self::Connection => ("password in a connection", "接続情報内のパスワード"),
        }
    }
}

/// A secret that was found: where it stands, and of what kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) place: String,
    pub(super) kind: Kind,
}

/// The findings for a message: names and kinds, never values.
pub(super) fn named(found: &[Found]) -> Message {
    let list = |word: fn(Kind) -> &'static str| -> Vec<String> {
        found.iter().map(|one| format!("{} ({})", one.place, word(one.kind))).collect()
    };
    Message {
        en: Message::named(&list(|kind| kind.words().0)).en,
        ja: Message::named(&list(|kind| kind.words().1)).ja,
    }
}

/// Decides by the rule's parameters.
#[derive(Debug)]
pub(super) struct Detector {
    names: Vec<Regex>,
    values: Vec<Regex>,
    exempt: Vec<String>,
}

/// Last words of names that are about a secret but do not hold one: PASSWORD_MIN_LENGTH, TOKEN_URL.
const ABOUT: [&str; 66] = [
    "age",
    "algorithm",
    "arn",
    "audience",
    "bucket",
    "class",
    "complexity",
    "count",
    "days",
    "enabled",
    "endpoint",
    "expiration",
    "expires",
    "expiry",
    "field",
    "file",
    "format",
    "header",
    "history",
    "host",
    "hours",
    "id",
    "interval",
    "issuer",
    "iterations",
    "label",
    "length",
    "limit",
    "lifetime",
    "location",
    "manager",
    "max",
    "method",
    "min",
    "minutes",
    "mode",
    "name",
    "names",
    "offset",
    "parameter",
    "path",
    "pattern",
    "policy",
    "port",
    "prefix",
    "provider",
    "queue",
    "ref",
    "region",
    "required",
    "retries",
    "rotation",
    "scope",
    "seconds",
    "size",
    "store",
    "suffix",
    "table",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

impl Detector {
    /// A detector by the rule's parameters.
    ///
    /// # Errors
    /// When a pattern is no regular expression.
    pub(super) fn new(parameters: &Parameters) -> Result<Self, Error> {
        let compile = |name: &'static str, patterns: Vec<String>| {
            let compiled = patterns.iter().map(|pattern| {
                Regex::new(pattern).map_err(|error| {
                    Error::Control(format!(
                        "parameter {name:?}: a pattern of {} characters is no regular expression: {error}",
                        pattern.chars().count()
                    ))
                })
            });
            compiled.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            names: compile("secretNamePattern", parameters.get(&SECRET_NAME_PATTERN))?,
            values: compile("secretValuePatterns", parameters.get(&SECRET_VALUE_PATTERNS))?,
            exempt: parameters.get(&EXEMPT_NAMES),
        })
    }

    /// Whether a name suggests a secret.
    pub(super) fn suspects(&self, name: &str) -> bool {
        !self.exempt.iter().any(|one| one == name)
            && self.names.iter().any(|pattern| pattern.is_match(name))
            && !ABOUT.contains(&last_word(name).as_str())
    }

    /// Whether a variable holds a secret in clear text.
    pub(super) fn variable(&self, name: &str, value: &str) -> Option<Kind> {
        let value = value.trim();
        if self.exempt.iter().any(|one| one == name) || value.is_empty() {
            return None;
        }
        if self.values.iter().any(|pattern| pattern.is_match(value)) {
            return Some(Kind::Form);
        }
        if connection_has_password(value) {
            return Some(Kind::Connection);
        }
        (self.suspects(name) && !is_reference(value) && !is_word(value) && !is_connection(value))
            .then_some(Kind::Named)
    }

    /// Whether a text as a whole holds something with the form of a secret.
    pub(super) fn text(&self, text: &str) -> bool {
        self.values.iter().any(|pattern| pattern.is_match(text))
    }
}

/// The last word of a name, in lower case: of `DB_PASSWORD_MIN_LENGTH`, `tokenUrl`, `/app/api-key`.
fn last_word(name: &str) -> String {
    let part = name.rsplit(|c: char| !c.is_alphanumeric()).find(|part| !part.is_empty());
    let part = part.unwrap_or_default();
    // `tokenUrl` has a word for each capital behind a small letter; `TOKENURL` is one word.
    let mut start = 0;
    let mut before: Option<char> = None;
    for (index, letter) in part.char_indices() {
        if letter.is_uppercase() && before.is_some_and(char::is_lowercase) {
            start = index;
        }
        before = Some(letter);
    }
    part.get(start..).unwrap_or(part).to_lowercase()
}

/// What names a secret that is kept elsewhere, or is filled in later.
fn is_reference(value: &str) -> bool {
    const STARTS: [&str; 11] =
        ["arn:", "/", "{{", "${", "$(", "$", "<", "ssm:", "secretsmanager:", "vault:", "file:"];
    let lower = value.to_ascii_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start)) || value.contains("{{resolve:")
}

/// Words that say whether or how, not what.
fn is_word(value: &str) -> bool {
    const WORDS: [&str; 16] = [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "nil",
        "enabled",
        "disabled",
        "required",
        "optional",
        "auto",
        "default",
        "undefined",
    ];
    WORDS.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a value is a URL or a connection string: a secret only if it carries a password.
fn is_connection(value: &str) -> bool {
    value.contains("://") || (value.contains('=') && value.contains(';'))
}

fn connection_has_password(value: &str) -> bool {
    url_password(value).is_some_and(is_literal)
        || (value.contains(';')
            && value.split(';').filter_map(|part| part.split_once('=')).any(|(key, password)| {
                let key = key.trim().to_ascii_lowercase();
                (key == "password" || key == "pwd") && is_literal(password.trim())
            }))
}

/// The password of `scheme://user:password@host`.
fn url_password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(password)
}

/// A password, and not what stands for one.
fn is_literal(password: &str) -> bool {
    !password.is_empty()
        && !password.starts_with(['$', '{', '<', '%'])
        && !password.chars().all(|c| c == '*' || c == 'x' || c == 'X')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn detector() -> Detector {
        Detector::new(&Parameters::default()).unwrap()
    }

    #[test]
    fn secrets_are_found_by_name() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "password",
            "MYSQL_PWD",
            "CLIENT_SECRET",
            "API_KEY",
            "apikey",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "private-key",
            "DB_CREDENTIAL",
            "/hbg/core/db/password",
            "spring.datasource.password",
            "ACCESS_KEY_2",
        ] {
            assert_eq!(detector().variable(name, "s3cr3t-Value"), Some(Kind::Named), "{name}");
            assert_eq!(
                detector().variable(name, "0f8fad5b-d9cb-469f-a165-70867728950e"),
                Some(Kind::Named),
                "{name}"
            );
            assert_eq!(detector().variable(name, "12345678"), Some(Kind::Named), "{name}");
        }
    }

    #[test]
    fn names_that_are_about_a_secret_are_quiet() {
        for name in [
            "PASSWORD_MIN_LENGTH",
            "TOKEN_URL",
            "tokenUrl",
            "SECRET_ARN",
            "SECRET_NAME",
            "SECRET_ID",
            "TOKEN_EXPIRY",
            "TOKEN_TTL_SECONDS",
            "PASSWORD_POLICY",
            "API_KEY_HEADER",
            "CREDENTIALS_FILE",
            "SECRETS_MANAGER_ENDPOINT",
            "PASSWORD_ENABLED",
            "ACCESS_KEY_ROTATION",
            "APP_ENV",
            "GIT_COMMIT",
            "LOG_LEVEL",
            "PASSENGER_COUNT",
            "KMS_KEY_ID",
        ] {
            assert_eq!(detector().variable(name, "abc-123"), None, "{name}");
        }
    }

    #[test]
    fn references_and_words_are_quiet() {
        for value in [
            "",
            " ",
            "true",
            "False",
            "none",
            "required",
            "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:hbg/db-9172fe",
            "arn:aws:ssm:ap-northeast-1:111122223333:parameter/hbg/db",
            "{{resolve:secretsmanager:hbg/db:SecretString:password}}",
            "/hbg/core/db/password",
            "${DB_PASSWORD}",
            "$(get-secret)",
            "$DB_PASSWORD",
            "<set at deployment>",
            "ssm:/hbg/db",
            "https://auth.example.co.jp/oauth/token",
            "postgres://db.internal:5432/core",
            "postgres://app@db.internal/core",
            "postgres://app:${DB_PASSWORD}@db.internal/core",
            "https://user:****@example.jp/",
            "Server=db;Database=core;Integrated Security=true",
            "Server=db;User Id=app;Password={password};",
        ] {
            assert_eq!(detector().variable("DB_PASSWORD", value), None, "{value}");
        }
    }

    #[test]
    fn look_alikes_under_ordinary_names_are_quiet() {
        for value in [
            "0f8fad5b-d9cb-469f-a165-70867728950e",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
            "arn:aws:kms:ap-northeast-1:111122223333:key/019f1265-7e22-4250-abd0-cc85ebbf01ec",
            "https://example.co.jp/reset?next=/password",
            "111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/app:2.4.1",
            "XAKIAIOSFODNN7EXAMPLEX",
            "AKIA",
            "2026-11-21T00:00:00Z",
            "user@example.co.jp",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
        ] {
            assert_eq!(detector().variable("SETTING", value), None, "{value}");
        }
    }

    #[test]
    fn forms_are_found_whatever_the_name() {
        for value in [
            "AKIAIOSFODNN7EXAMPLE",
            "key=ASIAIOSFODNN7EXAMPLE;",
            "-----BEGIN PRIVATE KEY-----\nMIIE",
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
        ] {
            assert_eq!(detector().variable("SETTING", value), Some(Kind::Form), "{value}");
        }
        for value in [
            "postgres://app:s3cr3t@db.internal:5432/core",
            "https://user:p%40ss@example.co.jp/",
            "Server=db;User Id=app;Password=s3cr3t;",
            "Driver=x;UID=app;PWD=s3cr3t",
        ] {
            assert_eq!(detector().variable("SETTING", value), Some(Kind::Connection), "{value}");
        }
    }

    #[test]
    fn exempt_names_match_exactly_and_patterns_are_checked() {
        let parse = |value: serde_json::Value| {
            Parameters::from_value("plaintext-secrets", super::super::CONTROL.parameters, &value)
                .unwrap()
        };
        let exempt =
            Detector::new(&parse(serde_json::json!({"exemptNames": "DEMO_PASSWORD"}))).unwrap();
        assert_eq!(exempt.variable("DEMO_PASSWORD", "x1"), None);
        assert_eq!(exempt.variable("demo_password", "x1"), Some(Kind::Named));
        let wrong = parse(serde_json::json!({"secretValuePatterns": ["(unclosed"]}));
        let error = Detector::new(&wrong).unwrap_err().to_string();
        assert!(error.starts_with("parameter \"secretValuePatterns\": "), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever stands in a variable, it is decided, and no value comes back.
        #[test]
        fn any_variable_is_decided(name in ".{0,40}", value in ".{0,80}") {
            let found = detector().variable(&name, &value);
            prop_assert!(found.is_none() || !value.trim().is_empty());
        }
    }
}
