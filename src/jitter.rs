//! Chance, for what must not happen at the same moment everywhere. The decisions have none of their own and are given it.

use uuid::Uuid;

/// A random number from 0 to 1, from the bits of a random uuid that are not fixed.
pub(crate) fn jitter() -> f64 {
    const BITS: u32 = 53;
    let random = Uuid::new_v4().as_u128() & ((1 << BITS) - 1);
    random as f64 / (1u64 << BITS) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jitter_is_a_fraction_and_varies() {
        let values: Vec<f64> = (0..100).map(|_| jitter()).collect();
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        assert!(values.iter().any(|value| *value < 0.5) && values.iter().any(|value| *value > 0.5));
    }
}
