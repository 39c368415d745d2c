//! An array that is cheap to copy: rows in small pages, pages gathered on shelves, shelves in
//! cases. A clone shares everything; a change copies one page, and the way to it, where an older
//! clone still holds them. What nobody else holds is changed in place.
//!
//! The sizes weigh two costs of a change on a shared array: bytes of the page copied against
//! counters of its neighbours on the shelf raised.

use std::array::from_fn;
use triomphe::Arc;

/// Rows of a page.
const PAGE: usize = 16;
/// Pages of a shelf, and shelves of a case.
const SHELF: usize = 32;
/// Rows of a shelf.
const SHELF_ROWS: usize = PAGE * SHELF;
/// Rows of a case.
const CASE_ROWS: usize = SHELF_ROWS * SHELF;

type Page<T> = Arc<[T; PAGE]>;
type Shelf<T> = Arc<[Page<T>; SHELF]>;
type Case<T> = Arc<[Shelf<T>; SHELF]>;

/// The array. Reading a row costs O(1); so does a change, shared or not.
#[derive(Clone)]
pub(super) struct Pages<T> {
    cases: Arc<Vec<Case<T>>>,
    len: usize,
}

impl<T: Clone + Default> Pages<T> {
    /// Rows.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The row at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        if index >= self.len {
            return None;
        }
        let case = self.cases.get(index / CASE_ROWS)?;
        Some(&case[index / SHELF_ROWS % SHELF][index / PAGE % SHELF][index % PAGE])
    }

    /// How many clones hold the page of the row at `index`.
    pub(super) fn holders(&self, index: usize) -> usize {
        let case = self.cases.get(index / CASE_ROWS);
        case.map_or(0, |case| Arc::count(&case[index / SHELF_ROWS % SHELF][index / PAGE % SHELF]))
    }

    /// The row at `index`, to be changed.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        if index >= self.len {
            return None;
        }
        let case = Arc::make_mut(&mut self.cases).get_mut(index / CASE_ROWS)?;
        let shelf = &mut Arc::make_mut(case)[index / SHELF_ROWS % SHELF];
        let page = &mut Arc::make_mut(shelf)[index / PAGE % SHELF];
        Some(&mut Arc::make_mut(page)[index % PAGE])
    }

    /// Adds a row at the end. O(1), amortised.
    pub(super) fn push(&mut self, row: T) {
        if self.len == self.cases.len() * CASE_ROWS {
            let page = Arc::new(from_fn(|_| T::default()));
            let shelf: Shelf<T> = Arc::new(from_fn(|_| page.clone()));
            Arc::make_mut(&mut self.cases).push(Arc::new(from_fn(|_| shelf.clone())));
        }
        self.len += 1;
        if let Some(place) = self.get_mut(self.len - 1) {
            *place = row;
        }
    }

    /// The rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        let pages = self.cases.iter().flat_map(|case| case.iter()).flat_map(|shelf| shelf.iter());
        pages.flat_map(|page| page.iter()).take(self.len)
    }
}

impl<T: Clone + Default> From<Vec<T>> for Pages<T> {
    fn from(rows: Vec<T>) -> Self {
        let len = rows.len();
        let mut rows = rows.into_iter();
        let empty: Page<T> = Arc::new(from_fn(|_| T::default()));
        let mut left = len;
        let mut page = || {
            if left == 0 {
                return empty.clone();
            }
            left = left.saturating_sub(PAGE);
            Arc::new(from_fn(|_| rows.next().unwrap_or_default()))
        };
        let cases = (0..len.div_ceil(CASE_ROWS))
            .map(|_| Arc::new(from_fn(|_| Arc::new(from_fn(|_| page())))))
            .collect();
        Pages { cases: Arc::new(cases), len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_an_array_and_clones_stay_as_they_were(
            start in 0_usize..40_000,
            steps in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>(), 0..4_u8), 1..60),
        ) {
            let mut model: Vec<u32> = (0..start as u32).collect();
            let mut pages = Pages::from(model.clone());
            let mut older = Vec::new();
            for (at, value, what) in steps {
                match what {
                    0 => {
                        model.push(value);
                        pages.push(value);
                    }
                    1 => older.push((model.clone(), pages.clone())),
                    _ if model.is_empty() => {}
                    _ => {
                        let at = at.index(model.len());
                        model[at] = value;
                        *pages.get_mut(at).expect("a row") = value;
                    }
                }
            }
            older.push((model, pages));
            for (model, mut pages) in older {
                prop_assert_eq!(pages.len(), model.len());
                prop_assert!(pages.iter().eq(&model));
                prop_assert!((0..model.len()).all(|i| pages.get(i) == model.get(i)));
                prop_assert_eq!(pages.get(model.len()), None);
                prop_assert_eq!(pages.get_mut(model.len()), None);
            }
        }
    }

    #[test]
    fn the_edges_of_pages_shelves_and_cases_hold() {
        for len in [0, 1, PAGE, SHELF_ROWS - 1, SHELF_ROWS, CASE_ROWS, CASE_ROWS + 1] {
            let mut pages = Pages::from((0..len).collect::<Vec<_>>());
            pages.push(len);
            assert!(pages.iter().copied().eq(0..=len), "{len} rows");
        }
    }
}
