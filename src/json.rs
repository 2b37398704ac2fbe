//! JSON that came from outside: from the parent, a child, the host's database, the host program, an administrator. All of it
//! is read here, and nothing of it is looked at before its limits are known to be kept.
//!
//! A few bytes of JSON can cost a server everything: a number such as `1e1000000000` is written out by whoever handles it as
//! a decimal, a level of nesting is a level of the stack, and an empty object takes a hundred times its two bytes. So the
//! text is measured first, byte by byte and without memory, and only then built.

use std::fmt;

use memchr::memchr2_iter;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The deepest nesting of objects and lists. FHIR resources have about ten levels.
pub const DEEPEST: usize = 100;

/// The most values, keys not counted. A patient has a few hundred.
pub const MOST_VALUES: usize = 100_000;

/// The most values of an answer that holds many objects.
pub const MOST_VALUES_OF_A_GROUP: usize = 4 * MOST_VALUES;

/// The most digits of a number, and the largest exponent, either way: within what a double and every database can hold,
/// and far beyond anything that is measured.
pub const MOST_DIGITS: usize = 100;
const LARGEST_EXPONENT: u32 = 100;

/// The least memory of an object, and of a value in an object or list besides its text: estimates of serde_json's
/// `Value`, whose maps have room for eleven entries from the first on.
const BYTES_OF_AN_OBJECT: usize = 640;
const BYTES_OF_A_VALUE: usize = 80;

/// Keys under which serde_json hides its own types: a document that has one would be read as something else.
const KEYS_OF_THE_PARSER: &str = "$serde_json::private::";

/// No key that matters is longer, escaped or not.
const LONGEST_ESCAPED_KEY: usize = 6 * 64;

/// Why a text is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    what: String,
    at: usize,
}

impl Unreadable {
    fn new(what: impl Into<String>, at: usize) -> Unreadable {
        Unreadable { what: what.into(), at }
    }
}

/// Without anything of the text itself, which may be patient data.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.what, self.at)
    }
}

/// The size of a text, known before it is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// The values, keys not counted.
    pub values: usize,
    /// About what it takes in memory once it is built, in bytes.
    pub weight: usize,
}

/// A text within the limits that is not built yet.
pub struct Measured<'a> {
    text: &'a [u8],
    measure: Measure,
}

impl<'a> Measured<'a> {
    /// Errors: what is beyond the limits.
    pub fn of(text: &'a [u8], most_values: usize) -> Result<Measured<'a>, Unreadable> {
        Ok(Measured { text, measure: measure(text, most_values)? })
    }

    /// See [`Measure::weight`].
    pub fn weight(&self) -> usize {
        self.measure.weight
    }

    /// Builds it. Errors: no JSON, or not what belongs here.
    pub fn read<T: Deserialize<'a>>(&self) -> Result<T, Unreadable> {
        build(self.text)
    }
}

/// Builds a text that was measured, or a part of one. Errors: no JSON, or not what belongs here.
pub fn build<'a, T: Deserialize<'a>>(measured: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(measured).map_err(|error| {
        // Only the place: the message of a wrong type repeats what was there.
        let at = byte_of(measured, error.line(), error.column());
        Unreadable::new("it is not JSON, or not what belongs here", at)
    })
}

/// Reads what may be left out and is not null where it is given: for `deserialize_with`, beside `default`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Reads one document. Errors: no JSON, or beyond the limits.
pub fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Unreadable> {
    Measured::of(text, MOST_VALUES)?.read()
}

/// Reads an answer that holds many objects. Errors: as those of [`read`].
pub fn read_group<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, Unreadable> {
    Measured::of(text, MOST_VALUES_OF_A_GROUP)?.read()
}

fn byte_of(text: &[u8], line: usize, column: usize) -> usize {
    let before = text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + column
}

/// Measures a text. A text that is no JSON may be measured all the same.
///
/// Errors: what is beyond the limits.
pub fn measure(text: &[u8], most_values: usize) -> Result<Measure, Unreadable> {
    let mut scan = Scan { text, at: 0, depth: 0, most_values, measure: Measure::default() };
    scan.run()?;
    Ok(scan.measure)
}

/// Returns the memory of a text that was measured as a part of another, once it is built; see [`Measure::weight`].
pub fn weight_of_text(measured: &[u8]) -> usize {
    measure(measured, usize::MAX).map_or(0, |measure| measure.weight)
}

/// About what a value takes in memory, in bytes, as [`measure`] estimates it from a text.
pub fn weight(value: &Value) -> usize {
    let own = match value {
        Value::Object(fields) => {
            BYTES_OF_AN_OBJECT + fields.iter().map(|(name, field)| name.len() + weight(field)).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::String(text) => text.len(),
        Value::Number(number) => number.as_str().len(),
        Value::Null | Value::Bool(_) => 0,
    };
    BYTES_OF_A_VALUE + own
}

/// Returns true if a number as JSON writes it has few digits and a small exponent. What is no number is not sane.
pub fn is_sane_number(text: &str) -> bool {
    let Some((digits, exponent)) = digits_and_exponent(text) else { return false };
    let exponent = exponent.trim_start_matches('0');
    digits.len() <= MOST_DIGITS
        && text.len() <= 3 * MOST_DIGITS
        && (exponent.is_empty() || exponent.parse::<u32>().is_ok_and(|exponent| exponent <= LARGEST_EXPONENT))
}

/// Returns true if a text is written as a number is, of any size.
pub fn is_number(text: &str) -> bool {
    digits_and_exponent(text).is_some()
}

fn digits_and_exponent(text: &str) -> Option<(&str, &str)> {
    let number = unsigned(text);
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent = unsigned(exponent);
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let written = digits.bytes().all(|byte| is_digit(byte) || byte == b'.') && exponent.bytes().all(is_digit);
    (written && digits.bytes().any(is_digit) && !exponent.is_empty()).then_some((digits, exponent))
}

fn unsigned(number: &str) -> &str {
    number.strip_prefix(['-', '+']).unwrap_or(number)
}

/// Goes over the text once. It takes for granted what the parser checks afterwards: only what a parser would do with the
/// text must not be more than what is counted here.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    most_values: usize,
    measure: Measure,
}

impl Scan<'_> {
    fn run(&mut self) -> Result<(), Unreadable> {
        while let Some(byte) = self.text.get(self.at).copied() {
            match byte {
                b'{' => self.open(BYTES_OF_AN_OBJECT)?,
                b'[' => self.open(0)?,
                b'}' | b']' => self.close(),
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b't' | b'f' | b'n' => self.literal()?,
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn open(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unreadable::new(format!("it is nested deeper than {DEEPEST} levels"), self.at));
        }
        self.at += 1;
        self.value(bytes)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.at += 1;
    }

    fn string(&mut self) -> Result<(), Unreadable> {
        let start = self.at;
        self.at += 1 + length_to_the_end(self.text.get(start + 1..).unwrap_or_default());
        let string = self.text.get(start..self.at).unwrap_or_default();
        if !self.is_followed_by_colon() {
            return self.value(string.len());
        }
        self.measure.weight += string.len();
        if is_key_of_the_parser(string) {
            return Err(Unreadable::new(format!("it has a key that begins with {KEYS_OF_THE_PARSER}"), start));
        }
        Ok(())
    }

    fn is_followed_by_colon(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    fn number(&mut self) -> Result<(), Unreadable> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length =
            rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        self.at += length;
        let number = rest.get(..length).and_then(|number| std::str::from_utf8(number).ok()).unwrap_or_default();
        if !is_sane_number(number) {
            let limits = format!("more than {MOST_DIGITS} digits, or an exponent beyond {LARGEST_EXPONENT}");
            return Err(Unreadable::new(format!("it has a number that is none, or with {limits}"), start));
        }
        self.value(length)
    }

    fn literal(&mut self) -> Result<(), Unreadable> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        self.value(0)
    }

    fn value(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.measure.values += 1;
        self.measure.weight += BYTES_OF_A_VALUE + bytes;
        if self.measure.values > self.most_values {
            return Err(Unreadable::new(format!("it has more than {} values", self.most_values), self.at));
        }
        Ok(())
    }
}

/// How long the rest of a string is with its quotation mark, if it has one.
fn length_to_the_end(rest: &[u8]) -> usize {
    let mut escaped = None;
    for at in memchr2_iter(b'"', b'\\', rest) {
        if escaped == Some(at) {
            continue;
        }
        match rest.get(at) {
            Some(b'"') => return at + 1,
            _ => escaped = Some(at + 1),
        }
    }
    rest.len()
}

/// Of a string with its quotation marks. Escapes may spell what is written without them.
fn is_key_of_the_parser(string: &[u8]) -> bool {
    if string.len() > LONGEST_ESCAPED_KEY {
        return false;
    }
    if !string.contains(&b'\\') {
        return string.strip_prefix(b"\"").is_some_and(|key| key.starts_with(KEYS_OF_THE_PARSER.as_bytes()));
    }
    serde_json::from_slice::<String>(string).is_ok_and(|key| key.starts_with(KEYS_OF_THE_PARSER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refused(text: &str) -> bool {
        read::<Value>(text.as_bytes()).is_err()
    }

    #[test]
    fn number_beyond_the_limits_is_refused_wherever_it_stands() {
        for number in
            ["1e20000000", "1e1000000000", "-1E+2000", "1e-2000", "1e101", &"9".repeat(101), "1e99999999999999999999"]
        {
            for place in ["N", r#"{"a": [{"value": N}]}"#, "[1,N,2]", r#"{"value":N}"#, "[ N ]"] {
                assert!(refused(&place.replace('N', number)), "{place} {number}");
            }
        }
    }

    #[test]
    fn number_that_is_measured_somewhere_is_read_digit_by_digit() {
        for number in
            ["1.10", "-0.000000000001", "6.02214076e23", "1E-30", "12345678901234567890.123456789", "1e0000100", "0"]
        {
            let value: Value = read(number.as_bytes()).expect(number);
            assert_eq!(value.to_string().to_lowercase().replace('+', ""), number.to_lowercase());
        }
    }

    #[test]
    fn number_inside_a_text_is_a_text() {
        assert!(!refused(r#"{"note": "1e20000000 and \" 1e20000000", "key\"": "\\"}"#));
    }

    #[test]
    fn key_of_the_parser_is_refused_however_it_is_written() {
        for key in [
            "$serde_json::private::Number",
            "\\u0024serde_json::private::Number",
            "$serde_json::private::RawValue",
            "$\\u0073erde_json::private::Number",
        ] {
            for text in [r#"{"KEY": "1e20000000"}"#, r#"{"a": 1, "KEY": "x"}"#, r#"[{"b": {"KEY" : {}}}]"#] {
                assert!(refused(&text.replace("KEY", key)), "{text} {key}");
            }
        }
        assert!(!refused(r#"{"a": "$serde_json::private::Number"}"#), "a text is no key");
    }

    #[test]
    fn nesting_is_refused_before_the_stack_is_used() {
        let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!refused(&nested(DEEPEST)));
        assert!(refused(&nested(DEEPEST + 1)));
        assert!(refused(&"{\"a\":".repeat(1_000_000)));
    }

    #[test]
    fn values_are_counted_before_they_are_built() {
        assert!(!refused(&format!("[{}0]", "0,".repeat(MOST_VALUES - 2))));
        assert!(refused(&format!("[{}0]", "0,".repeat(MOST_VALUES))));
        assert!(refused(&format!("[{}{{}}]", "{},".repeat(MOST_VALUES))));
    }

    #[test]
    fn weight_tells_small_objects_from_texts_of_the_same_length() {
        let weight = |text: &str| measure(text.as_bytes(), MOST_VALUES).unwrap().weight;
        let objects = format!("[{}{{}}]", r#"{"a":0},"#.repeat(1000));
        let text = json!("a".repeat(objects.len())).to_string();
        assert!(weight(&objects) > 50 * objects.len(), "{}", weight(&objects));
        assert!(weight(&text) < 2 * text.len());
    }

    #[test]
    fn message_names_the_place_and_nothing_of_the_text() {
        let error = read::<Vec<String>>(b"[\"a\",\n{\"name\": \"Amina\"}]").unwrap_err();
        assert!(!error.to_string().contains("Amina"), "{error}");
        assert!(error.at >= 5, "{error}");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_with_small_numbers_is_read_as_it_was_written(value in any_json()) {
            let text = value.to_string();
            match read::<Value>(text.as_bytes()) {
                Ok(read) => prop_assert_eq!(read, value),
                // A double may have an exponent beyond the limit.
                Err(error) => prop_assert!(error.what.contains("a number"), "{}", error),
            }
        }

        #[test]
        fn no_text_makes_the_scan_fail_but_by_its_limits(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = measure(&text, MOST_VALUES);
            let _ = read::<Value>(&text);
        }
    }
}
