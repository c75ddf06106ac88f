//! Divisions of a sample into training and test rows that share no information (López de Prado, 2018, chapters 7 and
//! 12).
//!
//! A label is computed from the rows from its own to its end, such as the return over the next month. A training label
//! whose rows overlap those of a test label knows the answer, so it is left out (purged), and so are some rows after
//! the test labels (the embargo), because neighbours are correlated.

use std::ops::Range;

use crate::error::AnalyticsError;

/// The most splits that are made.
const SPLITS_MAX: usize = 100_000;

/// One division of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The rows to learn from, ascending.
    pub train: Vec<usize>,
    /// The rows to judge by, ascending.
    pub test: Vec<usize>,
}

/// All choices of test groups, and the paths that go through each group once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combinatorial {
    /// The groups of neighbouring rows.
    pub groups: Vec<Range<usize>>,
    /// One split for each choice of test groups, in lexicographic order.
    pub splits: Vec<Split>,
    /// The test groups of each split.
    pub tested: Vec<Vec<usize>>,
    /// For each path, the split that tests each group: `paths[p][g]`.
    pub paths: Vec<Vec<usize>>,
}

/// Returns walk-forward splits: `train` rows to learn from, the `test` rows after them, and so on, each test beginning
/// where the one before ended.
///
/// Training labels that reach into the test are purged. The last test may be shorter.
///
/// # Errors
///
/// Refuses a length of 0 or of the whole sample, and a label that ends before its row or after the sample.
///
/// ```
/// use apex_analytics::backtest::split::walk_forward_splits;
///
/// let ends = [0, 1, 2, 4, 4, 5, 6];
/// let splits = walk_forward_splits(&ends, 4, 2).unwrap();
/// assert_eq!((&splits[0].train[..], &splits[0].test[..]), (&[0, 1, 2][..], &[4, 5][..])); // Label 3 needs row 4.
/// assert_eq!((&splits[1].train[..], &splits[1].test[..]), (&[2, 3, 4, 5][..], &[6][..]));
/// ```
pub fn walk_forward_splits(label_ends: &[usize], train: usize, test: usize) -> Result<Vec<Split>, AnalyticsError> {
    let rows = label_ends.len();
    for (what, length) in [("training", train), ("test", test)] {
        if length == 0 || length >= rows {
            return Err(AnalyticsError::Window {
                what,
                length,
                observations: rows,
            });
        }
    }
    check_ends(label_ends)?;
    let starts = (train..rows).step_by(test);
    Ok(starts
        .map(|start| Split {
            train: (start - train..start).filter(|row| label_ends[*row] < start).collect(),
            test: (start..(start + test).min(rows)).collect(),
        })
        .collect())
}

/// Returns k-fold splits with purging and embargo; each fold of neighbouring rows is the test of one of them.
///
/// `label_ends[i]` is the last row that label `i` is computed from, `i` itself where it needs no other. `embargo` rows
/// after the last row of the test labels are left out.
///
/// # Errors
///
/// Refuses a number of folds outside 2 to the number of rows, and a label that ends before its row or after the sample.
///
/// ```
/// use apex_analytics::backtest::split::purged_k_fold;
///
/// // Six labels that each need the next row too.
/// let ends = [1, 2, 3, 4, 5, 5];
/// let splits = purged_k_fold(&ends, 3, 0).unwrap();
/// assert_eq!((&splits[1].test[..], &splits[1].train[..]), (&[2, 3][..], &[0, 5][..]));
/// ```
pub fn purged_k_fold(label_ends: &[usize], folds: usize, embargo: usize) -> Result<Vec<Split>, AnalyticsError> {
    check(label_ends, "number of folds", folds)?;
    let groups = groups(label_ends.len(), folds);
    Ok((0..folds)
        .map(|fold| split(label_ends, &groups, &[fold], embargo))
        .collect())
}

/// Returns combinatorial purged splits: every choice of `tested` out of `groups` groups is the test of one of them.
///
/// There are `C(groups, tested)` splits, from which `C(groups - 1, tested - 1)` paths of tests over the whole sample
/// are put together: the p-th path takes for each group the p-th split that tests it.
///
/// # Errors
///
/// As [`purged_k_fold`]; refuses also a number of tested groups outside 1 to `groups - 1`, and more than 100,000
/// splits.
///
/// ```
/// use apex_analytics::backtest::split::combinatorial_purged;
///
/// let ends: Vec<usize> = (0..60).collect();
/// let division = combinatorial_purged(&ends, 6, 2, 0).unwrap();
/// assert_eq!((division.splits.len(), division.paths.len()), (15, 5));
/// ```
pub fn combinatorial_purged(
    label_ends: &[usize],
    groups: usize,
    tested: usize,
    embargo: usize,
) -> Result<Combinatorial, AnalyticsError> {
    check(label_ends, "number of groups", groups)?;
    if tested == 0 || tested >= groups {
        return Err(AnalyticsError::Parameter {
            what: "number of tested groups",
            value: tested as f64,
            expected: "at least 1 and below the number of groups",
        });
    }
    let choices = choices(groups, tested)?;
    let ranges = self::groups(label_ends.len(), groups);
    let splits: Vec<Split> = choices
        .iter()
        .map(|choice| split(label_ends, &ranges, choice, embargo))
        .collect();
    let testing: Vec<Vec<usize>> = (0..groups)
        .map(|group| {
            (0..choices.len())
                .filter(|split| choices[*split].contains(&group))
                .collect()
        })
        .collect();
    let count = testing.first().map_or(0, Vec::len);
    let paths = (0..count)
        .map(|path| testing.iter().map(|splits| splits[path]).collect())
        .collect();
    Ok(Combinatorial {
        groups: ranges,
        splits,
        tested: choices,
        paths,
    })
}

fn check(label_ends: &[usize], what: &'static str, groups: usize) -> Result<(), AnalyticsError> {
    let rows = label_ends.len();
    if groups < 2 || groups > rows {
        return Err(AnalyticsError::Parameter {
            what,
            value: groups as f64,
            expected: "at least 2 and at most the number of rows",
        });
    }
    check_ends(label_ends)
}

/// Refuses a label that ends before its row or after the sample.
fn check_ends(label_ends: &[usize]) -> Result<(), AnalyticsError> {
    let rows = label_ends.len();
    match label_ends
        .iter()
        .enumerate()
        .find(|(row, end)| **end < *row || **end >= rows)
    {
        None => Ok(()),
        Some((index, value)) => Err(AnalyticsError::Outside {
            what: "label end",
            index,
            value: *value,
            limit: rows - 1,
        }),
    }
}

/// Returns neighbouring rows in groups whose sizes differ by at most one, the larger ones first.
fn groups(rows: usize, count: usize) -> Vec<Range<usize>> {
    let (size, larger) = (rows / count, rows % count);
    let start = |group: usize| group * size + group.min(larger);
    (0..count).map(|group| start(group)..start(group + 1)).collect()
}

/// Returns every choice of `chosen` out of `count` numbers, in lexicographic order.
fn choices(count: usize, chosen: usize) -> Result<Vec<Vec<usize>>, AnalyticsError> {
    let mut choice: Vec<usize> = (0..chosen).collect();
    let mut all = Vec::new();
    loop {
        all.push(choice.clone());
        if all.len() > SPLITS_MAX {
            return Err(AnalyticsError::Parameter {
                what: "number of splits",
                value: all.len() as f64,
                expected: "at most 100000",
            });
        }
        let Some(at) = (0..chosen).rev().find(|at| choice[*at] < count - chosen + at) else {
            return Ok(all);
        };
        choice[at] += 1;
        for next in at + 1..chosen {
            choice[next] = choice[next - 1] + 1;
        }
    }
}

/// Returns the split that tests the chosen groups.
fn split(label_ends: &[usize], groups: &[Range<usize>], chosen: &[usize], embargo: usize) -> Split {
    let test: Vec<usize> = chosen.iter().flat_map(|group| groups[*group].clone()).collect();
    let spans: Vec<(usize, usize)> = chosen
        .iter()
        .map(|group| {
            let rows = groups[*group].clone();
            let last = label_ends[rows.clone()].iter().copied().max().unwrap_or(rows.start);
            (rows.start, last.saturating_add(embargo))
        })
        .collect();
    let is_free = |row: usize| {
        spans
            .iter()
            .all(|(first, last)| label_ends[row] < *first || row > *last)
    };
    Split {
        train: (0..label_ends.len()).filter(|row| is_free(*row)).collect(),
        test,
    }
}
