//! Reading numbers at offsets of a file that may end anywhere.

/// Bytes with a byte order. Every read past the end is `None`.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    data: &'a [u8],
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    pub(super) const fn little_endian(data: &'a [u8]) -> Self {
        Self { data, big_endian: false }
    }

    pub(super) const fn big_endian(data: &'a [u8]) -> Self {
        Self { data, big_endian: true }
    }

    pub(super) fn u8(&self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.slice(at, 2)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// The three bytes at `at`, little end first (the only order in which a format here has them).
    pub(super) fn u24_le(&self, at: usize) -> Option<u32> {
        let bytes = self.slice(at, 3)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]))
    }

    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.slice(at, 4)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn slice(&self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.data.get(at..at.checked_add(length)?)
    }
}
