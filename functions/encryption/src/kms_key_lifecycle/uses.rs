//! Which recorded resources name a key, by advanced queries of AWS Config.

use fisc_shared::Error;
use fisc_shared::config_service::ConfigService;
use serde_json::Value;

/// Where resources name the key that encrypts their data. Source: AWS's configuration item
/// schemas (aws-config-resource-schema), March 2025.
const PROPERTIES: [&str; 16] = [
    "configuration.kmsKeyId",
    "configuration.KmsKeyId",
    "configuration.KMSKeyId",
    "configuration.KmsMasterKeyId",
    "configuration.EncryptionKeyArn",
    "configuration.kmskeyArn",
    "configuration.encryptionKey",
    "configuration.VolumeEncryptionKey",
    "configuration.performanceInsightsKMSKeyId",
    "configuration.ssedescription.kmsmasterKeyArn",
    "configuration.EncryptionAtRestOptions.KmsKeyId",
    "configuration.encryptionAtRestOptions.kmsKeyId",
    "configuration.StreamEncryption.KeyId",
    "configuration.EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId",
    "configuration.WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey",
    "supplementaryConfiguration.ServerSideEncryptionConfiguration.rules\
     .applyServerSideEncryptionByDefault.kmsMasterKeyID",
];

/// The longest query that AWS Config takes, in characters.
const MAX_QUERY: usize = 4096;

/// The recorded resources of this account and Region that name the key by its id, ARN or an
/// alias, each as `type id`.
pub(super) async fn uses(
    config: &ConfigService,
    id: &str,
    arn: &str,
) -> Result<Vec<String>, Error> {
    let (Some(id), Some(arn)) = (quoted(id), quoted(arn)) else {
        return Err(Error::Control("the id of the key is not one of KMS".to_owned()));
    };
    let aliases = config
        .select(&format!(
            "SELECT configuration.AliasName WHERE resourceType = 'AWS::KMS::Alias' \
             AND configuration.TargetKeyId IN ({id}, {arn})"
        ))
        .await?;
    let mut names = vec![arn.clone(), id];
    for alias in aliases {
        let name = alias.pointer("/configuration/AliasName").and_then(Value::as_str);
        let name = name.unwrap_or_default();
        // The part before the resource is the key's own: arn:aws:kms:region:account:
        let prefix = arn.rsplit_once(':').map_or("", |(prefix, _)| prefix.trim_matches('\''));
        names.extend(quoted(name).filter(|_| name.starts_with("alias/")));
        names.extend(quoted(&format!("{prefix}:{name}")).filter(|_| name.starts_with("alias/")));
    }
    let mut found = Vec::new();
    for query in queries(&names) {
        for one in config.select(&query).await? {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or("?");
            found.push(format!("{} {}", text("resourceType"), text("resourceId")));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// A text in quotes, if it consists of what ids, aliases and ARNs of KMS consist of: a query must
/// not hold text that could end the quotes.
fn quoted(text: &str) -> Option<String> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/:".contains(&byte);
    (!text.is_empty() && text.len() <= 512 && text.bytes().all(safe)).then(|| format!("'{text}'"))
}

/// The queries for resources with one of the names in one of the properties: as few as fit the
/// length that Config takes.
fn queries(names: &[String]) -> Vec<String> {
    const SELECT: &str = "SELECT resourceId, resourceType WHERE ";
    const OR: &str = " OR ";
    let mut queries: Vec<String> = Vec::new();
    // Many long aliases would fill a query with one property.
    for names in names.chunks(10) {
        let names = names.join(", ");
        for property in PROPERTIES {
            let condition = format!("{property} IN ({names})");
            match queries.last_mut() {
                Some(query) if query.len() + OR.len() + condition.len() <= MAX_QUERY => {
                    query.push_str(OR);
                    query.push_str(&condition);
                }
                _ => queries.push(format!("{SELECT}{condition}")),
            }
        }
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_the_quotes_gets_into_a_query() {
        for good in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "alias/core/db_1",
        ] {
            assert_eq!(quoted(good), Some(format!("'{good}'")));
        }
        for bad in ["", "k' OR resourceType = 'AWS::IAM::User", "k\"", "k\\", "鍵", "k)"] {
            assert_eq!(quoted(bad), None);
        }
        assert_eq!(quoted(&"k".repeat(513)), None);
    }

    #[test]
    fn every_property_is_asked_about_within_the_length_of_a_query() {
        let names = |count: usize| -> Vec<String> {
            (0..count).map(|n| format!("'alias/{}-{n}'", "x".repeat(200))).collect()
        };
        let short = queries(&["'1234abcd-12ab-34cd-56ef-1234567890ab'".to_owned()]);
        assert_eq!(short.len(), 1);
        for (names, queries) in [(names(2), queries(&names(2))), (names(25), queries(&names(25)))] {
            assert!(queries.iter().all(|query| query.len() <= MAX_QUERY));
            for property in PROPERTIES {
                for name in &names {
                    let asked = queries.iter().any(|query| {
                        query.split(" OR ").any(|part| {
                            part.contains(&format!("{property} IN (")) && part.contains(name)
                        })
                    });
                    assert!(asked, "{property} {name}");
                }
            }
        }
    }
}
