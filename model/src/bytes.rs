//! Bytes as serde's bytes rather than as a sequence of numbers: between worker and page they become one `Uint8Array`
//! instead of a JavaScript number each. In JSON they stay an array of numbers.
//!
//! For `#[serde(with = "crate::bytes")]` on a `Vec<u8>`.

use std::fmt;

use serde::{
    Deserializer, Serializer,
    de::{SeqAccess, Visitor},
};

/// Writes bytes.
///
/// # Errors
/// What the serializer says.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Reads bytes, or a sequence of numbers.
///
/// # Errors
/// What the deserializer says, e.g. about a number above 255.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_byte_buf(Bytes)
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::with_capacity(numbers.size_hint().unwrap_or(0));
        while let Some(number) = numbers.next_element()? {
            bytes.push(number);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        #[serde(with = "crate::bytes")]
        bytes: Vec<u8>,
    }

    #[test]
    fn json_keeps_numbers() {
        let held = Held { bytes: vec![0, 7, 255] };
        let text = serde_json::to_string(&held).expect("three numbers");
        assert_eq!(text, r#"{"bytes":[0,7,255]}"#);
        assert_eq!(serde_json::from_str::<Held>(&text).expect("what was written"), held);
        serde_json::from_str::<Held>(r#"{"bytes":[256]}"#).expect_err("no byte");
    }
}
