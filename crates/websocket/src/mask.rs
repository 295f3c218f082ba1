//! Masking.

/// What a client's payload is combined with, so that nobody on the way takes it for something else.
pub type MaskKey = [u8; 4];

/// Masks `payload`, or unmasks it, which is the same.
#[inline]
pub fn apply_mask(payload: &mut [u8], key: MaskKey) {
    let word = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// The key for what follows after `count` bytes.
pub(crate) fn rotated(mut key: MaskKey, count: usize) -> MaskKey {
    key.rotate_left(count % 4);
    key
}

/// Makes mask keys, fast, from a seed.
///
/// Whoever sees some keys can tell the next. That is enough where the payloads are the program's own; one that sends what
/// strangers chose, through proxies that may mistake it for requests, takes its keys from a secure source
/// (RFC 6455, section 10.3) and uses [`Gap::masked`](crate::Gap::masked) or [`Head`](crate::Head).
#[derive(Debug, Clone)]
pub struct Masks {
    state: u64,
}

impl Masks {
    /// Begins from a seed, which should differ from connection to connection.
    pub const fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next key.
    pub fn key(&mut self) -> MaskKey {
        // SplitMix64: a counter, and a function that mixes its bits.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((bits ^ (bits >> 31)) >> 32) as u32).to_ne_bytes()
    }
}
