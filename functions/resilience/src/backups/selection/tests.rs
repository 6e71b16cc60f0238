use aws_sdk_backup::types::{Condition, ConditionType, Conditions};
use proptest::prelude::*;

use super::*;

const VOLUME: &str = "arn:aws:ec2:ap-northeast-1:111122223333:volume/vol-1";
const AURORA: &str = "arn:aws:rds:ap-northeast-1:111122223333:cluster:core";
const BUCKET: &str = "arn:aws:s3:::core-data";

/// A selection by patterns, exclusions, tags of which one is enough, and conditions with their
/// operators.
pub(crate) fn selection(
    resources: &[&str],
    not_resources: &[&str],
    tags: &[(&str, &str)],
    conditions: &[(&str, &str, &str)],
) -> Selection {
    let texts = |list: &[&str]| Some(list.iter().map(|&one| one.to_owned()).collect());
    let of = |operator: &str| {
        let chosen = conditions.iter().filter(|(name, _, _)| *name == operator);
        let built = chosen.map(|(_, key, value)| {
            ConditionParameter::builder()
                .condition_key(format!("aws:ResourceTag/{key}"))
                .condition_value(*value)
                .build()
        });
        Some(built.collect())
    };
    let tags = tags.iter().map(|(key, value)| {
        Condition::builder()
            .condition_type(ConditionType::Stringequals)
            .condition_key(*key)
            .condition_value(*value)
            .build()
            .unwrap()
    });
    let built = BackupSelection::builder()
        .selection_name("s")
        .iam_role_arn("arn:aws:iam::111122223333:role/backup")
        .set_resources(texts(resources))
        .set_not_resources(texts(not_resources))
        .set_list_of_tags(Some(tags.collect()))
        .conditions(
            Conditions::builder()
                .set_string_equals(of("StringEquals"))
                .set_string_like(of("StringLike"))
                .set_string_not_equals(of("StringNotEquals"))
                .set_string_not_like(of("StringNotLike"))
                .build(),
        );
    Selection::from(built.build().unwrap())
}

pub(crate) fn tags(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn opted_in(names: &[&str]) -> OptIn {
    OptIn::of(names.iter().map(|name| ((*name).to_owned(), true)).collect())
}

fn all() -> OptIn {
    opted_in(&["EBS", "Aurora", "S3", "EC2"])
}

fn volume(tags: &Tags) -> Subject<'_> {
    Subject { service: Service::Ebs, arn: VOLUME, tags }
}

#[test]
fn patterns_tags_conditions_and_exclusions_combine() {
    let tagged = tags(&[("backup", "true"), ("stage", "prod")]);
    let any_volume = "arn:aws:ec2:*:*:volume/*";
    let equals = |key, value| ("StringEquals", key, value);
    for (selection, expected) in [
        // Patterns: one is enough; case counts; the whole ARN must match.
        (selection(&["*"], &[], &[], &[]), true),
        (selection(&["arn:aws:ec2:*:*:instance/*", any_volume], &[], &[], &[]), true),
        (selection(&["arn:aws:ec2:*:*:instance/*"], &[], &[], &[]), false),
        (selection(&["arn:aws:ec2:*:*:volume/vol"], &[], &[], &[]), false),
        (selection(&["arn:aws:ec2:*:*:Volume/*"], &[], &[], &[]), false),
        (selection(&["arn:aws:ec2:us-east-1:*:volume/*"], &[], &[], &[]), false),
        // Nothing named: everything.
        (selection(&[], &[], &[], &[]), true),
        (selection(&[], &[any_volume], &[], &[]), false),
        // Exclusions win, also over the ARN itself.
        (selection(&[VOLUME], &["arn:aws:ec2:*:*:volume/*"], &[], &[]), false),
        (selection(&["*"], &["arn:aws:fsx:*", "arn:aws:rds:*"], &[], &[]), true),
        // Tags: one is enough, case counts, and a pattern is as good as a tag.
        (selection(&[], &[], &[("backup", "no"), ("stage", "prod")], &[]), true),
        (selection(&[], &[], &[("backup", "True")], &[]), false),
        (selection(&[], &[], &[("Backup", "true")], &[]), false),
        (selection(&["arn:aws:fsx:*"], &[], &[("backup", "true")], &[]), true),
        (selection(&[any_volume], &[], &[("backup", "no")], &[]), true),
        (selection(&[], &[], &[("backup", "*")], &[]), false),
        // Conditions: all of them, on top of the patterns and tags.
        (selection(&[], &[], &[], &[equals("backup", "true"), equals("stage", "prod")]), true),
        (selection(&[], &[], &[], &[equals("backup", "true"), equals("stage", "test")]), false),
        (selection(&[VOLUME], &[], &[], &[equals("backup", "no")]), false),
        (selection(&[], &[], &[("backup", "true")], &[equals("stage", "test")]), false),
        (selection(&["*"], &[], &[], &[("StringLike", "stage", "p*d")]), true),
        (selection(&["*"], &[], &[], &[("StringLike", "stage", "*test*")]), false),
        (selection(&["*"], &[], &[], &[("StringLike", "owner", "*")]), false),
        (selection(&["*"], &[], &[], &[("StringEquals", "stage", "p*")]), false),
        (selection(&["*"], &[], &[], &[("StringNotEquals", "stage", "prod")]), false),
        (selection(&["*"], &[], &[], &[("StringNotEquals", "stage", "test")]), true),
        (selection(&["*"], &[], &[], &[("StringNotLike", "stage", "pr*")]), false),
        // Who lacks the tag is not among those that have the value.
        (selection(&["*"], &[], &[], &[("StringNotEquals", "owner", "x")]), true),
        (selection(&["*"], &[], &[], &[("StringNotLike", "owner", "*")]), true),
    ] {
        assert_eq!(selection.selects(&volume(&tagged), &all()), expected, "{selection:?}");
    }
}

#[test]
fn what_the_region_has_not_opted_in_is_left_out_unless_its_type_is_named() {
    let tagged = tags(&[("backup", "true")]);
    let none = OptIn::default();
    let cluster = Subject { service: Service::Aurora, arn: AURORA, tags: &tagged };
    let bucket = Subject { service: Service::S3, arn: BUCKET, tags: &tagged };
    let by = |pattern: &str| selection(&[pattern], &[], &[], &[]);
    for (subject, selection, expected) in [
        (volume(&tagged), selection(&[], &[], &[("backup", "true")], &[]), false),
        (volume(&tagged), by("*"), false),
        (volume(&tagged), by("arn:aws:ec2:*"), false),
        (volume(&tagged), by("arn:aws:ec2:*:*:*"), false),
        (volume(&tagged), by("arn:aws:ec2:*:*:vol*"), false),
        (volume(&tagged), by("arn:aws:ec2:*:*:volume/*"), true),
        (volume(&tagged), by(VOLUME), true),
        (bucket, by("arn:aws:s3:::*"), true),
        (bucket, by("arn:aws:s3*"), false),
        // A cluster's ARN may be that of Aurora or of RDS: naming it is not enough.
        (cluster, by(AURORA), false),
        (cluster, by("arn:aws:rds:*:*:cluster:*"), false),
    ] {
        assert_eq!(selection.selects(&subject, &none), expected, "{selection:?}");
        assert!(selection.selects(&subject, &all()), "{selection:?}");
    }
    // Another type's setting is not its own.
    assert!(!by("*").selects(&cluster, &opted_in(&["RDS", "EBS"])));
}

#[test]
fn clusters_are_told_apart_by_their_engines() {
    for (engine, expected) in [
        ("aurora-mysql", Service::Aurora),
        ("aurora", Service::Aurora),
        ("docdb", Service::DocumentDb),
        ("neptune", Service::Neptune),
        ("postgres", Service::Rds),
    ] {
        assert_eq!(Service::of_cluster(engine), expected);
    }
}

/// By its definition, slow.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', left)), None) => naive(left, text),
        (Some(('*', left)), Some((_, rest))) => naive(left, text) || naive(pattern, rest),
        (Some(_), None) => false,
        (Some((want, left)), Some((have, rest))) => want == have && naive(left, rest),
    }
}

proptest! {
    #[test]
    fn stars_match_as_defined(pattern in "[ab*]{0,8}", text in "[ab]{0,8}") {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(like(&pattern, &text), naive(&characters(&pattern), &characters(&text)));
    }

    /// Exclusions only take away, and conditions only narrow.
    #[test]
    fn more_restrictions_never_select_more(
        resources in prop::collection::vec("(\\*|arn:aws:ec2:\\*|arn:aws:ec2:\\*:\\*:volume/\\*)", 0..3),
        excluded in "(\\*|arn:aws:rds:\\*|arn:aws:ec2:\\*)",
        value in "(true|false)",
    ) {
        let tagged = tags(&[("backup", "true")]);
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let plain = selection(&resources, &[], &[], &[]);
        let less = selection(&resources, &[&excluded], &[], &[("StringEquals", "backup", &value)]);
        prop_assert!(plain.selects(&volume(&tagged), &all()) || !less.selects(&volume(&tagged), &all()));
    }
}
