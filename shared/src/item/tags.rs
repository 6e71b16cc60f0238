//! Tags, wherever an item has them.
//!
//! Events, files, the history and queries have them at the top of the item. BatchGetResourceConfig
//! leaves them out there; many types have them a second time inside, each in its own spelling, and
//! Auto Scaling groups only there. Source: sample items of the Rule Development Kit, November 2026.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ConfigurationItem, Fields, ItemError};

/// The spellings of a tag's key and value in the APIs of the services.
const SPELLINGS: [(&str, &str); 3] = [("key", "value"), ("Key", "Value"), ("tagKey", "tagValue")];

/// Whether tags hold the one that a parameter names: a key, or `key=value`. An empty parameter
/// names none.
#[must_use]
pub fn has_tag(tags: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        _ if wanted.is_empty() => false,
        Some((key, value)) => tags.get(key).is_some_and(|is| is == value),
        None => tags.contains_key(wanted),
    }
}

/// Whether a control that is limited to a tag looks at a resource with these; an empty parameter
/// sets no limit.
#[must_use]
pub fn in_scope(tags: &BTreeMap<String, String>, wanted: &str) -> bool {
    wanted.is_empty() || has_tag(tags, wanted)
}

/// Whether a tag of this key marks the resource: a value of `false` says that it is not meant.
#[must_use]
pub fn is_marked(tags: &BTreeMap<String, String>, key: &str) -> bool {
    !key.is_empty()
        && tags.get(key).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false"))
}

impl ConfigurationItem {
    /// All tags of the resource, from every place where the item has them.
    ///
    /// # Errors
    /// When the item has tags nowhere, so that a tag that is not found may still exist; or when
    /// some are not readable.
    pub fn all_tags(&self) -> Result<BTreeMap<String, String>, ItemError> {
        let mut tags = BTreeMap::new();
        let mut known = self.tagged;
        for place in self.tag_places()? {
            read(&place, &mut tags)?;
            known = true;
        }
        if !known {
            return Err(ItemError::Missing { field: "tags".to_owned() });
        }
        // What stands at the top is what Config itself looks at.
        tags.extend(self.tags.clone());
        Ok(tags)
    }

    /// All tags of the resource as far as the item tells them.
    #[must_use]
    pub fn known_tags(&self) -> BTreeMap<String, String> {
        self.all_tags().unwrap_or_else(|_| self.tags.clone())
    }

    /// The lists of tags inside the item.
    fn tag_places(&self) -> Result<Vec<Fields<'_>>, ItemError> {
        let mut places = Vec::new();
        if let Some(parts) = &self.supplementary {
            places.extend(self.supplementary("Tags")?);
            if let Some(sets) = self.supplementary("BucketTaggingConfiguration")? {
                for set in sets.list("tagSets")?.unwrap_or_default() {
                    places.extend(set.at("tags")?);
                }
            } else if self.resource_type == "AWS::S3::Bucket" && parts.contains_key(BUCKET_PART) {
                // A bucket without tags has no tagging configuration.
                places.push(Fields::any(BUCKET_PART, &Value::Null)?);
            }
        }
        if self.configuration.is_some() {
            let fields = self.configuration()?;
            for key in ["tags", "Tags", "tagList", "FileSystemTags"] {
                places.extend(fields.at(key)?);
            }
        }
        Ok(places)
    }
}

/// A part that every item of a bucket has, unless a query left out what is supplementary.
const BUCKET_PART: &str = "BucketVersioningConfiguration";

/// Reads a map of tags, or a list in one of the spellings.
fn read(place: &Fields<'_>, tags: &mut BTreeMap<String, String>) -> Result<(), ItemError> {
    let unreadable = || ItemError::Unreadable {
        field: place.path().to_owned(),
        problem: "neither a map nor a list of tags".to_owned(),
    };
    match place.value() {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map {
                let value = if value.is_null() { Some("") } else { value.as_str() };
                tags.insert(key.clone(), value.ok_or_else(unreadable)?.to_owned());
            }
        }
        Value::Array(list) => {
            for tag in list {
                let text = |name: &str| tag.get(name).and_then(Value::as_str);
                let (key, value) = SPELLINGS
                    .iter()
                    .find_map(|(key, value)| Some((text(key)?, text(value).unwrap_or_default())))
                    .ok_or_else(unreadable)?;
                tags.insert(key.to_owned(), value.to_owned());
            }
        }
        _ => return Err(unreadable()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(resource_type: &str, parts: Value) -> ConfigurationItem {
        let mut item = json!({"resourceType": resource_type, "resourceId": "i"});
        for (name, value) in parts.as_object().unwrap() {
            item[name] = value.clone();
        }
        ConfigurationItem::from_json(&item.to_string()).unwrap()
    }

    #[test]
    fn tags_are_found_in_every_place_and_spelling() {
        for parts in [
            json!({"tags": {"owner": "core"}}),
            json!({"tags": [{"key": "owner", "value": "core", "tag": "owner=core"}]}),
            json!({"supplementaryConfiguration": {"Tags": [{"key": "owner", "value": "core"}]}}),
            json!({"supplementaryConfiguration": {"Tags": "[{\"Key\":\"owner\",\"Value\":\"core\"}]"}}),
            json!({"supplementaryConfiguration": {"Tags": [{"tagKey": "owner", "tagValue": "core"}]}}),
            json!({"supplementaryConfiguration":
                {"BucketTaggingConfiguration": {"tagSets": [{"tags": {"owner": "core"}}]}}}),
            json!({"configuration": {"tags": [{"resourceId": "asg", "key": "owner", "value": "core",
                "propagateAtLaunch": true}]}}),
            json!({"configuration": {"Tags": [{"Key": "owner", "Value": "core"}]}}),
            json!({"configuration": {"tagList": [{"key": "owner", "value": "core"}]}}),
            json!({"configuration": {"FileSystemTags": [{"Key": "owner", "Value": "core"}]}}),
            // Some types leave the top empty and tell the tags inside.
            json!({"tags": {}, "configuration": {"tags": [{"key": "owner", "value": "core"}]}}),
        ] {
            let tags = item("AWS::EC2::Volume", parts.clone()).all_tags().unwrap();
            assert_eq!(tags, BTreeMap::from([("owner".to_owned(), "core".to_owned())]), "{parts}");
        }
    }

    #[test]
    fn an_item_that_has_tags_nowhere_does_not_say_that_there_are_none() {
        for parts in [
            json!({}),
            json!({"tags": null, "configuration": {"tags": null}, "supplementaryConfiguration": {}}),
        ] {
            let error = item("AWS::S3::Bucket", parts).all_tags().unwrap_err();
            assert_eq!(error, ItemError::Missing { field: "tags".to_owned() });
        }
        for parts in [
            json!({"tags": {}}),
            json!({"configuration": {"tags": []}}),
            json!({"supplementaryConfiguration": {"Tags": []}}),
            json!({"supplementaryConfiguration": {"BucketVersioningConfiguration": {"status": "Off"}}}),
        ] {
            assert!(item("AWS::S3::Bucket", parts).all_tags().unwrap().is_empty());
        }
        // Of another type, the missing part says nothing.
        let parts = json!({"supplementaryConfiguration": {"BucketVersioningConfiguration": {}}});
        assert!(item("AWS::SQS::Queue", parts).all_tags().is_err());
    }

    #[test]
    fn what_stands_at_the_top_wins_and_what_is_unreadable_is_an_error() {
        let parts = json!({"tags": {"a": "top"},
            "configuration": {"tags": [{"key": "a", "value": "in"}, {"key": "b"}]}});
        let tags = item("AWS::EC2::Volume", parts).all_tags().unwrap();
        assert_eq!(tags.get("a").map(String::as_str), Some("top"));
        assert_eq!(tags.get("b").map(String::as_str), Some(""));
        for tags in [json!([{"name": "a"}]), json!("a=b"), json!({"a": 1})] {
            let parts = json!({"configuration": {"tags": tags}});
            let error = item("AWS::EC2::Volume", parts).all_tags().unwrap_err();
            assert!(error.to_string().starts_with("configuration.tags cannot be read"), "{error}");
        }
    }
}
