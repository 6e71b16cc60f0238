use super::*;

use proptest::prelude::*;
use serde_json::{Value, json};

/// What the framer makes of a document: the elements with their offsets, and the error.
fn frame_from(source: impl Read) -> (Vec<(u64, String)>, Option<FrameError>) {
    frame_with(Framer::new(source))
}

fn frame_with<R: Read>(mut framer: Framer<R>) -> (Vec<(u64, String)>, Option<FrameError>) {
    let mut elements = Vec::new();
    loop {
        match framer.next_element() {
            Ok(Some(element)) => {
                elements.push((element.offset, String::from_utf8_lossy(element.bytes).into_owned()))
            }
            Ok(None) => return (elements, None),
            Err(error) => {
                assert_eq!(framer.next_element().unwrap(), None, "fused after an error");
                return (elements, Some(error));
            }
        }
    }
}

fn frame(text: &str) -> Result<Vec<String>, String> {
    let (elements, error) = frame_from(text.as_bytes());
    match error {
        None => {
            for (offset, element) in &elements {
                let offset = usize::try_from(*offset).unwrap();
                assert_eq!(text.get(offset..offset + element.len()), Some(element.as_str()));
            }
            Ok(elements.into_iter().map(|(_, element)| element).collect())
        }
        Some(error) => Err(error.to_string()),
    }
}

#[test]
fn every_known_document_gives_its_items() {
    let two = vec!["{\"a\":1}".to_owned(), "{\"b\":[]}".to_owned()];
    for text in [
        r#"{"fileVersion":"1.0","configurationItems":[{"a":1},{"b":[]}]}"#,
        r#"{"configurationItems":[{"a":1},{"b":[]}],"nextToken":null,"x":[{"y":"]"}]}"#,
        r#"{"baseConfigurationItems":[{"a":1},{"b":[]}],"unprocessedResourceKeys":[]}"#,
        r#"{"Results":[{"a":1},{"b":[]}],"QueryInfo":{"SelectFields":[]}}"#,
        r#"{"configurationItems":[{"a":1}],"Results":[{"b":[]}]}"#,
        "\u{feff} [ {\"a\":1} ,\n\t{\"b\":[]} ]\r\n",
    ] {
        assert_eq!(frame(text).unwrap(), two, "{text}");
    }
    assert_eq!(
        frame(r#"{"Results":["{\"a\":\"]\"}"]}"#).unwrap(),
        [r#""{\"a\":\"]\"}""#.to_owned()]
    );
    let single = r#"{"resourceType":"AWS::KMS::Key","tags":{"}":"]"}}"#;
    assert_eq!(frame(&format!(" {single}\n")).unwrap(), [single]);
    assert_eq!(frame("[]").unwrap(), Vec::<String>::new());
    assert_eq!(frame(r#"{"configurationItems":[]}"#).unwrap(), Vec::<String>::new());
}

#[test]
fn what_stands_beside_the_items_is_noted() {
    let mut framer = Framer::new(
        br#"{"NextToken":"t","Results":[],"unprocessedResourceKeys":
            [{"resourceType":"AWS::S3::Bucket","resourceId":"b"}]}"#
            .as_slice(),
    );
    assert_eq!(framer.next_element().unwrap(), None);
    assert!(framer.notes().more_pages);
    assert_eq!(framer.notes().unprocessed.len(), 1);
}

#[test]
fn errors_say_what_and_where() {
    for (text, problem, offset) in [
        ("", "the file is empty", 0),
        ("  \n", "the file is empty", 3),
        ("hello", "expected an object or a list, found 'h'", 0),
        ("{}", "no configuration items here", 2),
        (r#"{"invokingEvent":"{}"}"#, "fisc invoke", 22),
        (r#"{"configurationItems":{}}"#, "configurationItems is not a list", 22),
        (r#"{"configurationItems":[{}}"#, "expected a comma or the end of the list, found '}'", 25),
        (r#"{"configurationItems":[{} {}]}"#, "expected a comma or the end of the list", 26),
        (r#"{"configurationItems":[{},]}"#, "expected a value, found ']'", 26),
        (r#"{"configurationItems":[,{}]}"#, "expected a value, found ','", 23),
        (r#"{"configurationItems":[{}]} x"#, "expected the end of the file, found 'x'", 28),
        (r#"[{}][{}]"#, "expected the end of the file, found '['", 4),
        (r#"{"a" 1}"#, "expected a colon, found '1'", 5),
        (r#"{a:1}"#, "expected a key, found 'a'", 1),
        (r#"{"a":tru,"Results":[]}"#, "not JSON", 5),
        (r#"{"a":1"#, "ends too early, in the top-level object", 6),
        (r#"[{"a":"b"#, "ends too early, in the value that begins at byte 1", 8),
        ("[{}", "ends too early, in the list of items", 3),
        ("[\u{1}]", "found the byte 0x01", 1),
    ] {
        let (_, error) = frame_from(text.as_bytes());
        let error = error.unwrap_or_else(|| panic!("{text} was accepted"));
        assert!(error.to_string().contains(problem), "{text}: {error}");
        assert_eq!(error.offset, offset, "{text}: {error}");
    }
}

#[test]
fn items_before_the_damage_are_handed_out() {
    let (elements, error) = frame_from(br#"[{"a":1},{"b":2},{"c"#.as_slice());
    assert_eq!(elements.len(), 2);
    assert!(error.is_some());

    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    let (elements, error) = frame_from(br#"[{"a":1},{"b":"#.as_slice().chain(Broken));
    assert_eq!(elements.len(), 1);
    let error = error.unwrap();
    assert_eq!(error.to_string(), "reading failed: the disk is on fire (byte 14)");
}

#[test]
fn an_open_quotation_mark_does_not_fill_the_memory() {
    let endless = b"[{\"a\":\"".as_slice().chain(io::repeat(b'x'));
    let (_, error) = frame_from(endless);
    let error = error.unwrap();
    assert!(matches!(error.problem, Problem::TooLong), "{error}");
    assert_eq!(error.offset, 1);
}

/// Hands its bytes out in pieces of the given lengths.
struct Pieces<'a> {
    bytes: &'a [u8],
    lengths: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths.next().unwrap().min(buffer.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.bytes = rest;
        Ok(length)
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| json!(f64::from(eighths) / 8.0)),
        ".{0,12}".prop_map(Value::from),
        "[\"\\\\\\[\\]{}:, \n\u{8}日本]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[\"\\\\a-c日{}]{0,6}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Writes a value with white space and escapes of the writer's choice.
fn write(value: &Value, style: &mut impl FnMut() -> u8, out: &mut String) {
    let blank = |out: &mut String, style: &mut dyn FnMut() -> u8| {
        out.push_str(match style() % 8 {
            0 => " ",
            1 => "\n  ",
            2 => "\r\n\t",
            _ => "",
        });
    };
    let text = |text: &str, style: &mut dyn FnMut() -> u8, out: &mut String| {
        if style().is_multiple_of(3) {
            out.push('"');
            for unit in text.encode_utf16() {
                out.push_str(&format!("\\u{unit:04X}"));
            }
            out.push('"');
        } else {
            out.push_str(&Value::from(text).to_string());
        }
    };
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                blank(out, style);
                write(item, style, out);
                blank(out, style);
            }
            if items.is_empty() {
                blank(out, style);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (key, item)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                blank(out, style);
                text(key, style, out);
                blank(out, style);
                out.push(':');
                blank(out, style);
                write(item, style, out);
                blank(out, style);
            }
            if members.is_empty() {
                blank(out, style);
            }
            out.push('}');
        }
        Value::String(string) => text(string, style, out),
        other => out.push_str(&other.to_string()),
    }
}

/// A document, the elements that it holds, and the text.
fn document() -> impl Strategy<Value = (Vec<Value>, String)> {
    let items = prop::collection::vec(any_json(), 0..6);
    let before = prop::collection::btree_map("[a-e\"日]{0,4}", any_json(), 0..3);
    let styles = prop::collection::vec(any::<u8>(), 64);
    (items, before, 0..5_usize, any::<bool>(), styles).prop_map(
        |(items, beside, kind, last, styles)| {
            let mut styles = styles.into_iter().cycle();
            let mut style = || styles.next().unwrap();
            let list = Value::from(items.clone());
            let (items, document) = match kind {
                3 => (items, list),
                4 => {
                    let mut item: serde_json::Map<String, Value> = beside.into_iter().collect();
                    item.insert("resourceType".to_owned(), json!("AWS::S3::Bucket"));
                    (vec![Value::Object(item.clone())], Value::Object(item))
                }
                kind => {
                    let mut members: Vec<(String, Value)> = beside.into_iter().collect();
                    let at = if last { members.len() } else { 0 };
                    members.insert(at, (LISTS[kind].to_owned(), list));
                    // serde_json's map sorts its keys: the position of the list is kept by
                    // writing the members one by one.
                    let mut text = String::from("{");
                    for (index, (key, value)) in members.iter().enumerate() {
                        if index > 0 {
                            text.push(',');
                        }
                        text.push_str(&Value::from(key.as_str()).to_string());
                        text.push(':');
                        write(value, &mut style, &mut text);
                    }
                    text.push('}');
                    return (items, text);
                }
            };
            let mut text = String::new();
            write(&document, &mut style, &mut text);
            (items, text)
        },
    )
}

proptest! {
    #[test]
    fn elements_are_those_that_serde_json_finds((items, text) in document()) {
        serde_json::from_str::<Value>(&text).unwrap();
        let elements = frame(&text).map_err(TestCaseError::fail)?;
        let parsed: Vec<Value> =
            elements.iter().map(|element| serde_json::from_str(element).unwrap()).collect();
        prop_assert_eq!(parsed, items);
    }

    #[test]
    fn pretty_and_compact_give_the_same(items in prop::collection::vec(any_json(), 0..6)) {
        let document = json!({"Results": items});
        for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
            let parsed: Vec<Value> = frame(&text)
                .map_err(TestCaseError::fail)?
                .iter()
                .map(|element| serde_json::from_str(element).unwrap())
                .collect();
            prop_assert_eq!(&parsed, &items);
        }
    }

    #[test]
    fn every_truncation_is_an_error((_, text) in document(), at in any::<prop::sample::Index>()) {
        let at = at.index(text.len());
        let (_, error) = frame_from(&text.as_bytes()[..at]);
        let error = error.ok_or_else(|| TestCaseError::fail("accepted"))?;
        prop_assert!(error.offset <= at as u64);
    }

    #[test]
    fn chunks_make_no_difference(
        (_, text) in document(),
        cut in any::<prop::sample::Index>(),
        lengths in prop::collection::vec(1..9_usize, 1..5),
        chunk in 1..40_u64,
    ) {
        let bytes = &text.as_bytes()[..=cut.index(text.len())];
        let whole = frame_from(bytes);
        let pieces = Pieces { bytes, lengths: lengths.into_iter().cycle() };
        let pieces = frame_with(Framer::with_chunk(pieces, chunk));
        prop_assert_eq!(whole.0, pieces.0);
        prop_assert_eq!(whole.1.map(|e| e.to_string()), pieces.1.map(|e| e.to_string()));
    }

    #[test]
    fn any_bytes_end_in_items_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, error) = frame_from(bytes.as_slice());
        if serde_json::from_slice::<Value>(&bytes).is_err() && bytes.first() != Some(&b'[') {
            prop_assert!(error.is_some());
        }
    }
}
