//! Documents built to hurt: deep, huge, torn.

use serde_json::Value;

/// How many of everything a whole document has: its string has ten megabytes.
const WHOLE: usize = 200_000;
/// How many of everything what is grafted into a field has.
const GRAFTED: usize = 10_000;

/// JSON values, as text, that a field may hold instead of what is expected there.
const FRAGMENTS: [&str; 24] = [
    "null",
    "true",
    "0",
    "-0.0",
    "1e308",
    "-1e999",
    "18446744073709551616",
    "-9223372036854775809",
    "0.000000000000000000000000000000000000001e-300",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\u{202e}\u{feff}\u{0301}\"",
    "\"{\"",
    "\"[[[[[[\"",
    "\"\\\"\\\\\\\"{}\\\\\\\"\\\"\"",
    "\"%7B%22Statement%22%3A\"",
    "\"99999999999999999999-99-99T99:99:99Z\"",
    "[]",
    "{}",
    "[null,{\"\":[]},\"*\",\"?\",\"${a}\"]",
];

/// Whole documents, none of which is of any use. Each comes with a name for messages.
#[must_use]
pub fn monsters() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> =
        large(WHOLE).into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    let torn: [(&str, &[u8]); 12] = [
        ("nothing", b""),
        ("white space", b" \n\t\r "),
        ("NUL", b"\0"),
        ("NULs", &[0; 4096]),
        ("a byte order mark", b"\xEF\xBB\xBF"),
        ("UTF-16", b"\xFF\xFE{\0}\0"),
        ("a lone continuation byte", b"{\"a\":\"\x80\"}"),
        ("an overlong slash", b"{\"a\":\"\xC0\xAF\"}"),
        ("a surrogate in UTF-8", b"{\"a\":\"\xED\xA0\x80\"}"),
        ("beyond Unicode", b"\"\xF4\x90\x80\x80\""),
        ("half a gzip head", b"\x1F\x8B\x08"),
        ("gzip that never was", b"\x1F\x8B\x08\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF"),
    ];
    all.extend(torn.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())));
    all
}

/// JSON texts that are large or deep: `many` of everything.
fn large(many: usize) -> Vec<(&'static str, String)> {
    let member = |n: usize| format!("\"k{n}\":{n},");
    vec![
        ("open lists", "[".repeat(many)),
        ("closed lists", "[".repeat(many) + &"]".repeat(many)),
        ("objects in objects", "{\"a\":".repeat(many) + "1" + &"}".repeat(many)),
        ("lists, just as deep as is read", "[".repeat(127) + &"]".repeat(127)),
        ("a long string", format!("\"{}\"", "a".repeat(many * 50))),
        ("escapes", format!("\"{}\"", "\\u0041".repeat(many))),
        ("quotes in quotes", format!("\"{}\"", "\\\"".repeat(many))),
        ("digits", "9".repeat(many)),
        ("decimals", "0.".to_owned() + &"1".repeat(many)),
        ("an exponent", "1e".to_owned() + &"9".repeat(many / 4)),
        ("one key many times", format!("{{{}\"a\":0}}", "\"a\":1,".repeat(many))),
        ("many keys", format!("{{{}\"a\":0}}", (0..many).map(member).collect::<String>())),
        ("many lists", format!("[{}[]]", "[],".repeat(many))),
        ("stars", format!("\"{}\"", "*a".repeat(many / 4))),
        ("question marks", format!("\"{}\"", "?*".repeat(many / 4))),
        ("variables", format!("\"{}\"", "${a".repeat(many / 4))),
        ("colons", format!("\"{}\"", ":".repeat(many / 4))),
        ("commas", format!("\"{}\"", ",".repeat(many / 4))),
    ]
}

/// A JSON document with each of its values in turn replaced by something that does not belong
/// there, in every place with the small ones, and with the large ones where `large` says so.
#[must_use]
pub fn grafted(document: &[u8], with_large: bool) -> Vec<Vec<u8>> {
    const PLACE: &str = "\u{1}place";
    let Ok(document) = serde_json::from_slice::<Value>(document) else { return Vec::new() };
    let mut pointers = Vec::new();
    walk(&document, &mut String::new(), &mut pointers);
    let large = if with_large { large(GRAFTED) } else { Vec::new() };
    let fragments: Vec<&str> =
        FRAGMENTS.into_iter().chain(large.iter().map(|(_, text)| text.as_str())).collect();
    let mark = Value::from(PLACE).to_string();
    pointers
        .iter()
        .flat_map(|pointer| {
            let mut grafted = document.clone();
            *grafted.pointer_mut(pointer).expect("a pointer into the document") = PLACE.into();
            let text = grafted.to_string();
            let put = |fragment: &&str| text.replacen(&mark, fragment, 1).into_bytes();
            fragments.iter().map(put).collect::<Vec<_>>()
        })
        .collect()
}

/// The JSON pointers of all values below `value`.
fn walk(value: &Value, at: &mut String, pointers: &mut Vec<String>) {
    let mut below = |name: &str, value: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        pointers.push(at.clone());
        walk(value, at, pointers);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| below(name, value)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, value)| below(&n.to_string(), value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_replaced_in_turn() {
        let all = grafted(br#"{"a/b":[1,{"c":2}]}"#, false);
        assert_eq!(all.len(), 4 * FRAGMENTS.len());
        assert!(all.contains(&br#"{"a/b":[1,{"c":1e308}]}"#.to_vec()));
        assert!(all.contains(&br#"{"a/b":null}"#.to_vec()));
        assert!(grafted(b"no JSON", true).is_empty());
    }
}
