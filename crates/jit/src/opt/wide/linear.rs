//! Words as sums of others: what of a value changes from one iteration to the next, and by how much.

use smallvec::SmallVec;

use crate::ssa::Value;

/// Stands for the address of the frame's slot 0.
pub const FRAME: Value = Value::MAX;

/// `constant` plus each value times its factor, modulo 2^64.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Linear {
    /// In the order of values, no factor is 0.
    pub terms: SmallVec<[(Value, i64); 3]>,
    pub constant: i64,
}

impl Linear {
    pub fn value(v: Value) -> Linear {
        Linear {
            terms: [(v, 1)].into_iter().collect(),
            constant: 0,
        }
    }

    pub fn constant(constant: i64) -> Linear {
        Linear {
            constant,
            ..Linear::default()
        }
    }

    pub fn plus(mut self, other: &Linear, factor: i64) -> Linear {
        let by = |k: i64| k.wrapping_mul(factor);
        self.constant = self.constant.wrapping_add(by(other.constant));
        for (v, k) in &other.terms {
            match self.terms.binary_search_by_key(v, |t| t.0) {
                Ok(i) => self.terms[i].1 = self.terms[i].1.wrapping_add(by(*k)),
                Err(i) => self.terms.insert(i, (*v, by(*k))),
            }
        }
        self.terms.retain(|t| t.1 != 0);
        self
    }

    pub fn times(self, factor: i64) -> Linear {
        Linear::default().plus(&self, factor)
    }

    /// How much larger it is than another, if that is always the same.
    pub fn distance(&self, from: &Linear) -> Option<i64> {
        (self.terms == from.terms).then(|| self.constant.wrapping_sub(from.constant))
    }
}
