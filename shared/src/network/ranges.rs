//! Sets of numbers as ranges: ports, and addresses.

/// A number that ranges are made of.
pub trait Point: Copy + Ord {
    /// The next lower number; the lowest has none.
    fn before(self) -> Option<Self>;
    /// The next higher number; the highest has none.
    fn after(self) -> Option<Self>;
    /// How many lie between this number and a higher one, both included; the highest `u128` when
    /// there are more.
    fn count_to(self, last: Self) -> u128;
}

macro_rules! point {
    ($($number:ty)*) => {$(
        impl Point for $number {
            fn before(self) -> Option<Self> {
                self.checked_sub(1)
            }

            fn after(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn count_to(self, last: Self) -> u128 {
                u128::from(last.saturating_sub(self)).saturating_add(1)
            }
        }
    )*};
}
point!(u16 u32 u128);

/// A set of numbers: ranges (first, last) in ascending order with a gap between any two, so that
/// equal sets are equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges<T>(Vec<(T, T)>);

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Point> FromIterator<(T, T)> for Ranges<T> {
    fn from_iter<I: IntoIterator<Item = (T, T)>>(ranges: I) -> Self {
        let mut sorted: Vec<(T, T)> =
            ranges.into_iter().filter(|(first, last)| first <= last).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some((_, end)) if end.after().is_none_or(|next| first <= next) => {
                    *end = last.max(*end);
                }
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }
}

impl<T: Point> Ranges<T> {
    /// Its ranges, first and last number, in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[(T, T)] {
        &self.0
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds this number.
    #[must_use]
    pub fn contains(&self, point: T) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&point))
    }

    /// How many numbers it holds; the highest `u128` when there are more.
    #[must_use]
    pub fn count(&self) -> u128 {
        self.0.iter().fold(0, |sum: u128, (first, last)| sum.saturating_add(first.count_to(*last)))
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let overlap = |one: &(T, T), two: &(T, T)| (one.0.max(two.0), one.1.min(two.1));
        self.0.iter().flat_map(|one| other.0.iter().map(move |two| overlap(one, two))).collect()
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        for &(first, last) in &self.0 {
            let mut rest = Some(first);
            for &(from, to) in other.0.iter().filter(|(from, to)| *from <= last && *to >= first) {
                let Some(start) = rest else { break };
                if let Some(end) = from.before()
                    && start <= end
                {
                    left.push((start, end));
                }
                rest = to.after();
            }
            if let Some(start) = rest
                && start <= last
            {
                left.push((start, last));
            }
        }
        Self(left)
    }
}
