use aws_sdk_cloudtrail::types::AdvancedFieldSelector;
use proptest::prelude::*;

use super::*;

const ACTION: &str = "cloudtrail:GetEventSelectors";
const S3: &str = "AWS::S3::Object";
const LAMBDA: &str = "AWS::Lambda::Function";
const TABLE: &str = "AWS::DynamoDB::Table";

/// A field selector: the field, then operators with values.
fn field(name: &str, operators: &[(&str, &[&str])]) -> AdvancedFieldSelector {
    let mut builder = AdvancedFieldSelector::builder().field(name);
    for (operator, values) in operators {
        let values = Some(values.iter().map(|&value| value.to_owned()).collect());
        builder = match *operator {
            "Equals" => builder.set_equals(values),
            "StartsWith" => builder.set_starts_with(values),
            "EndsWith" => builder.set_ends_with(values),
            "NotEquals" => builder.set_not_equals(values),
            "NotStartsWith" => builder.set_not_starts_with(values),
            "NotEndsWith" => builder.set_not_ends_with(values),
            other => panic!("{other}"),
        };
    }
    builder.build().unwrap()
}

fn selector(fields: &[AdvancedFieldSelector]) -> AdvancedEventSelector {
    AdvancedEventSelector::builder().set_field_selectors(Some(fields.to_vec())).build().unwrap()
}

fn advanced(selectors: &[AdvancedEventSelector]) -> Selectors {
    Selectors::of_trail(ACTION, &[], selectors).unwrap()
}

fn is(name: &str, value: &str) -> AdvancedFieldSelector {
    field(name, &[("Equals", &[value])])
}

fn management(more: &[AdvancedFieldSelector]) -> AdvancedEventSelector {
    selector(&[&[is(CATEGORY, "Management")], more].concat())
}

fn data(kind: &str, more: &[AdvancedFieldSelector]) -> AdvancedEventSelector {
    selector(&[&[is(CATEGORY, "Data"), is(RESOURCE_TYPE, kind)], more].concat())
}

fn basic(
    read_write: ReadWriteType,
    management: bool,
    resources: &[(&str, &[&str])],
    excluded: &[&str],
) -> EventSelector {
    let owned = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
    let resource = |(kind, values): &(&str, &[&str])| {
        DataResource::builder().r#type(*kind).set_values(owned(values)).build()
    };
    EventSelector::builder()
        .read_write_type(read_write)
        .include_management_events(management)
        .set_data_resources(Some(resources.iter().map(resource).collect()))
        .set_exclude_management_event_sources(owned(excluded))
        .build()
}

fn of_basic(selectors: &[EventSelector]) -> Selectors {
    Selectors::of_trail(ACTION, selectors, &[]).unwrap()
}

/// Whether reads are recorded, and whether writes are.
fn recorded(selectors: &Selectors, events: &Events) -> (bool, bool) {
    let of = |reading| selectors.record(&events.clone().reading(reading));
    assert_eq!(selectors.record(events), of(true) && of(false));
    (of(true), of(false))
}

const BOTH: (bool, bool) = (true, true);
const READS: (bool, bool) = (true, false);
const WRITES: (bool, bool) = (false, true);
const NEITHER: (bool, bool) = (false, false);

fn bucket(name: &str) -> Events {
    Events::data(S3, "aws").under(&format!("arn:aws:s3:::{name}/"))
}

#[test]
fn basic_selectors_record_management_events_by_kind_and_source() {
    let all = Events::management;
    let of = |selectors: &[EventSelector], events: &Events| recorded(&of_basic(selectors), events);
    let everything = [basic(ReadWriteType::All, true, &[], &[])];
    assert_eq!(of(&everything, &all()), BOTH);
    assert_eq!(of(&[EventSelector::builder().build()], &all()), BOTH, "the defaults");
    let writes = basic(ReadWriteType::WriteOnly, true, &[], &[]);
    let reads = basic(ReadWriteType::ReadOnly, true, &[], &[]);
    assert_eq!(of(std::slice::from_ref(&writes), &all()), WRITES);
    assert_eq!(of(std::slice::from_ref(&reads), &all()), READS);
    assert_eq!(of(&[reads, writes], &all()), BOTH, "two selectors complete each other");
    assert_eq!(of(&[basic(ReadWriteType::All, false, &[], &[])], &all()), NEITHER);

    let without_kms = [basic(ReadWriteType::All, true, &[], &["kms.amazonaws.com"])];
    assert_eq!(of(&without_kms, &all()), NEITHER);
    assert_eq!(of(&without_kms, &all().but_of_sources(["kms.amazonaws.com"])), BOTH);
    assert_eq!(of(&without_kms, &all().of_source("kms.amazonaws.com")), NEITHER);
    assert_eq!(of(&without_kms, &all().of_source("iam.amazonaws.com")), BOTH);
    // What one selector leaves out, another may record.
    let again = basic(ReadWriteType::WriteOnly, true, &[], &[]);
    assert_eq!(of(&[without_kms[0].clone(), again], &all()), WRITES);
}

#[test]
fn basic_selectors_record_data_events_by_value() {
    let of = |read_write, kind: &str, values: &[&str], events: &Events| {
        recorded(&of_basic(&[basic(read_write, true, &[(kind, values)], &[])]), events)
    };
    let all = ReadWriteType::All;
    for everything in ["arn:aws:s3", "arn:aws:s3:::"] {
        assert_eq!(of(all.clone(), S3, &[everything], &Events::data(S3, "aws")), BOTH);
        assert_eq!(of(all.clone(), S3, &[everything], &bucket("ledger")), BOTH);
        assert_eq!(of(ReadWriteType::WriteOnly, S3, &[everything], &bucket("ledger")), WRITES);
    }
    let ledger = ["arn:aws:s3:::ledger/"];
    assert_eq!(of(all.clone(), S3, &ledger, &bucket("ledger")), BOTH);
    assert_eq!(of(all.clone(), S3, &ledger, &bucket("ledger-2")), NEITHER);
    assert_eq!(of(all.clone(), S3, &ledger, &Events::data(S3, "aws")), NEITHER);
    // A prefix inside the bucket is not the bucket.
    assert_eq!(of(all.clone(), S3, &["arn:aws:s3:::ledger/in/"], &bucket("ledger")), NEITHER);
    assert_eq!(of(all.clone(), S3, &[], &bucket("ledger")), NEITHER, "no value, no resource");
    assert_eq!(of(all.clone(), LAMBDA, &["arn:aws:lambda"], &bucket("ledger")), NEITHER);

    let function = "arn:aws:lambda:ap-northeast-1:111122223333:function:transfer";
    assert_eq!(of(all.clone(), LAMBDA, &["arn:aws:lambda"], &Events::data(LAMBDA, "aws")), BOTH);
    let on = |arn: &str| Events::data(LAMBDA, "aws").on(arn);
    assert_eq!(of(all.clone(), LAMBDA, &[function], &on(function)), BOTH);
    assert_eq!(of(all.clone(), LAMBDA, &[function], &on(&format!("{function}2"))), NEITHER);
    let table = "arn:aws:dynamodb:ap-northeast-1:111122223333:table/accounts";
    let on = |arn: &str| Events::data(TABLE, "aws").on(arn);
    assert_eq!(of(all.clone(), TABLE, &["arn:aws:dynamodb"], &on(table)), BOTH);
    assert_eq!(of(all.clone(), TABLE, &[table], &on(table)), BOTH);
    assert_eq!(of(all, TABLE, &[table], &Events::data(TABLE, "aws")), NEITHER);
}

#[test]
fn advanced_selectors_without_read_only_record_both() {
    let all = Events::management();
    assert_eq!(recorded(&advanced(&[management(&[])]), &all), BOTH);
    let reads = management(&[is(READ_ONLY, "true")]);
    let writes = management(&[is(READ_ONLY, "false")]);
    assert_eq!(recorded(&advanced(std::slice::from_ref(&reads)), &all), READS);
    assert_eq!(recorded(&advanced(std::slice::from_ref(&writes)), &all), WRITES);
    assert_eq!(recorded(&advanced(&[reads, writes]), &all), BOTH);
    // Data events say nothing of management events, and the other way round.
    assert_eq!(recorded(&advanced(&[data(S3, &[])]), &all), NEITHER);
    assert_eq!(recorded(&advanced(&[management(&[])]), &bucket("b")), NEITHER);
    assert_eq!(recorded(&advanced(&[data(LAMBDA, &[])]), &bucket("b")), NEITHER);
    assert_eq!(recorded(&advanced(&[data(S3, &[])]), &Events::data(S3, "aws")), BOTH);
}

#[test]
fn sources_and_names_that_are_left_out_are_missed() {
    let all = Events::management;
    let not = |source: &str| management(&[field(SOURCE, &[("NotEquals", &[source])])]);
    let kms = advanced(&[not("kms.amazonaws.com")]);
    assert!(!kms.record(&all()));
    assert!(kms.record(&all().but_of_sources(["kms.amazonaws.com", "rdsdata.amazonaws.com"])));
    // Each leaves out what the other records.
    assert!(advanced(&[not("kms.amazonaws.com"), not("rdsdata.amazonaws.com")]).record(&all()));
    let both = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
    let both = advanced(&[management(&[field(SOURCE, &[("NotEquals", &both)])])]);
    assert!(!both.record(&all().of_source("rdsdata.amazonaws.com")));
    // Fields of event data stores restrict like any other.
    let calls = management(&[field("eventType", &[("NotEquals", &["AwsServiceEvent"])])]);
    assert!(!advanced(&[calls]).record(&all()));
    let people = management(&[field("userIdentity.arn", &[("StartsWith", &["arn:aws:iam:"])])]);
    assert!(!advanced(&[people]).record(&all()));
    let deletes = data(S3, &[field("eventName", &[("Equals", &["DeleteObject"])])]);
    let others = data(S3, &[field("eventName", &[("NotEquals", &["DeleteObject"])])]);
    assert!(!advanced(std::slice::from_ref(&deletes)).record(&bucket("b")));
    assert!(!advanced(std::slice::from_ref(&others)).record(&bucket("b")));
    assert!(advanced(&[deletes, others]).record(&bucket("b")));
}

#[test]
fn resources_are_told_by_their_arns() {
    let arn = |operators: &[(&str, &[&str])]| data(S3, &[field(RESOURCE_ARN, operators)]);
    let ledger = advanced(&[arn(&[("StartsWith", &["arn:aws:s3:::ledger/"])])]);
    assert!(ledger.record(&bucket("ledger")));
    assert!(!ledger.record(&bucket("ledger-2")));
    let all_but = advanced(&[arn(&[("NotStartsWith", &["arn:aws:s3:::trail-logs/"])])]);
    assert!(all_but.record(&bucket("ledger")));
    assert!(!all_but.record(&bucket("trail-logs")));
    assert!(!all_but.record(&Events::data(S3, "aws")));
    let excused = ["arn:aws:s3:::trail-logs/".to_owned()];
    assert!(all_but.record(&Events::data(S3, "aws").but_under(&excused)));
    // What all ARNs of the type begin with restricts nothing.
    let beginning = advanced(&[arn(&[("StartsWith", &["arn:aws:s3:::"])])]);
    assert!(beginning.record(&Events::data(S3, "aws")));
    assert!(!beginning.record(&Events::data(S3, "aws-cn")));
    // Selecting operators of one field are alternatives, deselecting ones all hold.
    let either = advanced(&[arn(&[
        ("StartsWith", &["arn:aws:s3:::ledger/"]),
        ("Equals", &["arn:aws:s3:::other/key"]),
        ("NotEndsWith", &[".tmp"]),
    ])]);
    assert!(either.record(&Events::data(S3, "aws").on("arn:aws:s3:::other/key")));
    assert!(either.record(&Events::data(S3, "aws").on("arn:aws:s3:::ledger/a")));
    assert!(!either.record(&Events::data(S3, "aws").on("arn:aws:s3:::ledger/a.tmp")));
    assert!(!either.record(&bucket("ledger")));
    // Beginnings and ends may overlap.
    let halves = advanced(&[
        arn(&[("StartsWith", &["arn:aws:s3:::b/x"])]),
        arn(&[("NotStartsWith", &["arn:aws:s3:::b/x"]), ("NotEndsWith", &["b/"])]),
    ]);
    assert!(!halves.record(&bucket("b")), "the object b/ itself");
    assert!(halves.record(&Events::data(S3, "aws").on("arn:aws:s3:::a/c")));
}

#[test]
fn as_many_values_as_a_trail_may_have_are_judged_at_once() {
    let starts: Vec<String> = (0..125).map(|n| format!("arn:aws:s3:::bucket-{n}/")).collect();
    let ends: Vec<String> = (0..125).map(|n| format!("/bucket-{n}.tmp")).collect();
    let names: Vec<String> = (0..250).map(|n| format!("Get{n}")).collect();
    let not_ends = AdvancedFieldSelector::builder()
        .field(RESOURCE_ARN)
        .set_starts_with(Some(starts))
        .set_not_ends_with(Some(ends))
        .build()
        .unwrap();
    let names = AdvancedFieldSelector::builder()
        .field("eventName")
        .set_not_equals(Some(names))
        .build()
        .unwrap();
    let many = advanced(&[data(S3, &[not_ends]), data(S3, &[names])]);
    assert!(!many.record(&bucket("bucket-7")));
}

#[test]
fn recorders_complete_each_other() {
    let mut reads = of_basic(&[basic(ReadWriteType::ReadOnly, true, &[], &[])]);
    let writes = advanced(&[management(&[is(READ_ONLY, "false")])]);
    reads.add(&writes);
    assert!(reads.record(&Events::management()));
    assert!(!Selectors::default().record(&Events::management()));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let told = |selectors: &[AdvancedEventSelector]| {
        Selectors::advanced(ACTION, selectors).unwrap_err().to_string()
    };
    assert!(told(&[]).contains("event selectors"));
    assert!(
        told(&[management(&[field(SOURCE, &[])])]).contains("operator of the field eventSource")
    );
    assert!(told(&[selector(&[is(READ_ONLY, "true")])]).contains("eventCategory"));
    let odd = EventSelector::builder().read_write_type("Sometimes".into()).build();
    assert!(Selectors::of_trail(ACTION, &[odd], &[]).is_err());
    let untyped = EventSelector::builder().data_resources(DataResource::builder().build()).build();
    assert!(Selectors::of_trail(ACTION, &[untyped], &[]).is_err());
}

// Texts are short and of few letters, so that values meet, and so that all texts that matter can
// be written down.
const LETTERS: [char; 3] = ['a', 'b', 'z'];
fn value(longest: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![Just('a'), Just('b')], 0..=longest)
        .prop_map(|letters| letters.into_iter().collect())
}

fn pattern(longest: usize) -> impl Strategy<Value = Pattern> {
    (0..3, value(longest)).prop_map(|(kind, value)| match kind {
        0 => Pattern::Equals(value),
        1 => Pattern::StartsWith(value),
        _ => Pattern::EndsWith(value),
    })
}

fn condition(field: &'static str, longest: usize) -> impl Strategy<Value = Condition> {
    let patterns = move || proptest::collection::vec(pattern(longest), 0..3);
    (patterns(), patterns()).prop_map(move |(select, deselect)| Condition {
        field: field.to_owned(),
        select,
        deselect,
    })
}

fn any_selector() -> impl Strategy<Value = Selector> {
    let optional = |field, longest| proptest::option::of(condition(field, longest));
    let category = prop_oneof![4 => Just("Data"), 1 => Just("Management")];
    let read_only = proptest::option::of(any::<bool>());
    (category, read_only, optional(RESOURCE_ARN, 2), optional("eventName", 1)).prop_map(
        |(category, read_only, arn, name)| {
            let read_only = read_only.map(|flag| Condition::is(READ_ONLY, &flag.to_string()));
            let category = Some(Condition::is(CATEGORY, category));
            Selector([category, read_only, arn, name].into_iter().flatten().collect())
        },
    )
}

fn any_events() -> impl Strategy<Value = Events> {
    let arn = proptest::option::of(condition(RESOURCE_ARN, 2));
    (arn, proptest::option::of(any::<bool>())).prop_map(|(arn, reading)| {
        let data = Events(Selector(vec![Condition::is(CATEGORY, "Data")]));
        let data = arn.into_iter().fold(data, Events::and);
        reading.into_iter().fold(data, Events::reading)
    })
}

fn all_texts(longest: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut last = texts.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|text| LETTERS.iter().map(move |letter| format!("{text}{letter}")))
            .collect();
        texts.extend(last.iter().cloned());
    }
    texts
}

/// Every event there can be, one by one.
fn slowly(selectors: &[Selector], events: &Events) -> bool {
    let selects = |selector: &Selector, event: &[(&str, &str)]| {
        selector.0.iter().all(|condition| {
            let (_, text) = event.iter().find(|(name, _)| *name == condition.field).unwrap();
            let fits = |pattern: &Pattern| match pattern {
                Pattern::Equals(value) => text == value,
                Pattern::StartsWith(value) => text.get(..value.len()) == Some(value),
                Pattern::EndsWith(value) => {
                    let backwards = |text: &str| text.chars().rev().collect::<String>();
                    backwards(text).get(..value.len()) == Some(backwards(value).as_str())
                }
            };
            let none = condition.deselect.iter().filter(|one| fits(one)).count() == 0;
            let some = condition.select.iter().filter(|one| fits(one)).count() > 0;
            none && (some || condition.select.is_empty())
        })
    };
    // A beginning and an end of the longest values, and a letter between them.
    let (arns, names) = (all_texts(5), all_texts(3));
    for read_only in ["true", "false"] {
        for arn in &arns {
            for name in &names {
                let event = [
                    (CATEGORY, "Data"),
                    (READ_ONLY, read_only),
                    (RESOURCE_ARN, arn),
                    ("eventName", name),
                ];
                let wanted = selects(&events.0, &event);
                if wanted && !selectors.iter().any(|one| selects(one, &event)) {
                    return false;
                }
            }
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_answer_is_that_of_every_single_event(
        selectors in proptest::collection::vec(any_selector(), 0..5),
        events in any_events(),
    ) {
        prop_assert_eq!(
            Selectors(selectors.clone()).record(&events),
            slowly(&selectors, &events)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_selectors_and_fields_means_nothing(
        (selectors, shuffled) in proptest::collection::vec(any_selector(), 0..6)
            .prop_flat_map(|selectors| {
                let fields: Vec<_> = selectors
                    .iter()
                    .map(|one| Just(one.0.clone()).prop_shuffle().prop_map(Selector))
                    .collect();
                (Just(selectors), fields.prop_shuffle())
            }),
        events in any_events(),
    ) {
        prop_assert_eq!(Selectors(selectors).record(&events), Selectors(shuffled).record(&events));
    }

    #[test]
    fn more_selectors_never_record_less(
        selectors in proptest::collection::vec(any_selector(), 0..4),
        more in any_selector(),
        events in any_events(),
    ) {
        let mut together = Selectors(selectors);
        let before = together.record(&events);
        together.add(&Selectors(vec![more]));
        prop_assert!(!before || together.record(&events));
    }
}
