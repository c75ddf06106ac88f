//! A column with gaps: values that may be unknown on some days, without NaN.
//!
//! It has no opinion on why a value is unknown; a gap never counts as zero.

/// A column of numbers in which any entry may be unknown.
///
/// ```
/// use apex_analytics::gap::GapColumn;
///
/// let column = GapColumn::from_options(&[Some(10.0), None, Some(12.0)]);
/// assert_eq!(column.get(1), None);
/// assert_eq!(column.carried(5).get(1), Some(10.0));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GapColumn {
    values: Vec<f64>,
    known: Vec<bool>,
}

impl GapColumn {
    /// Returns a column of `length` unknown entries.
    pub fn unknown(length: usize) -> Self {
        Self {
            values: vec![0.0; length],
            known: vec![false; length],
        }
    }

    /// Returns a column in which every finite value is known; NaN and infinities become gaps.
    pub fn from_values(mut values: Vec<f64>) -> Self {
        let take = |value: &mut f64| {
            let known = value.is_finite();
            *value = if known { *value } else { 0.0 };
            known
        };
        let known = values.iter_mut().map(take).collect();
        Self { values, known }
    }

    /// Returns a column from optional values.
    pub fn from_options(values: &[Option<f64>]) -> Self {
        values.iter().copied().collect()
    }

    /// Returns the number of entries, gaps included.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether the column has no entry at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the entry, or `None` for a gap and outside the column.
    pub fn get(&self, index: usize) -> Option<f64> {
        if self.known.get(index).copied().unwrap_or(false) {
            self.values.get(index).copied()
        } else {
            None
        }
    }

    /// Sets one entry; an index outside the column is ignored.
    pub fn set(&mut self, index: usize, value: Option<f64>) {
        let value = value.filter(|value| value.is_finite());
        if let (Some(slot), Some(known)) = (self.values.get_mut(index), self.known.get_mut(index)) {
            *slot = value.unwrap_or(0.0);
            *known = value.is_some();
        }
    }

    /// Returns the number of gaps.
    pub fn gaps(&self) -> usize {
        self.known.iter().filter(|known| !**known).count()
    }

    /// Returns the values, zero where unknown: read them only together with [`GapColumn::known`].
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns for each entry whether it is known.
    pub fn known(&self) -> &[bool] {
        &self.known
    }

    /// Returns the entries as options.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> + '_ {
        self.values
            .iter()
            .zip(&self.known)
            .map(|(value, known)| known.then_some(*value))
    }

    /// Returns the entries as a vector of options.
    pub fn to_options(&self) -> Vec<Option<f64>> {
        self.iter().collect()
    }

    /// Returns the column with each gap filled by the last known value, at most `entries_max` entries old.
    ///
    /// Carrying is a decision of the caller, for example over the holidays of one exchange; nothing here does it
    /// unasked.
    pub fn carried(&self, entries_max: usize) -> Self {
        let mut filled = self.clone();
        let mut last: Option<(usize, f64)> = None;
        for index in 0..self.len() {
            match (self.get(index), last) {
                (Some(value), _) => last = Some((index, value)),
                (None, Some((at, value))) if index - at <= entries_max => filled.set(index, Some(value)),
                (None, _) => {}
            }
        }
        filled
    }
}

impl FromIterator<Option<f64>> for GapColumn {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(iter: I) -> Self {
        let mut column = Self::default();
        for value in iter {
            let value = value.filter(|value| value.is_finite());
            column.values.push(value.unwrap_or(0.0));
            column.known.push(value.is_some());
        }
        column
    }
}
