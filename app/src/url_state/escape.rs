//! Percent-encoding of values that hold addresses themselves (RFC 3986, section 2.1).

/// Characters that stand for themselves in a value, beside letters and digits.
const PLAIN: &[u8] = b"-._~/:;,@!$'()*";

/// Writes a text so that it can be a value of the address.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Reads what [`escape`] or a browser wrote; `None` if it is no text.
#[must_use]
pub fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(16 * high + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_were() {
        for text in ["https://a.org/b c.jpg?x=1&y=%41#z", "photos/k\u{e4}tzchen.jpg", "", "100 %"] {
            let value = escape(text);
            assert!(!value.contains(['&', '=', '#', ' ', '?']), "{value}");
            assert_eq!(unescape(&value).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for value in ["%", "%4", "%zz", "%ff", "%+1"] {
            assert_eq!(unescape(value), None, "{value}");
        }
    }
}
