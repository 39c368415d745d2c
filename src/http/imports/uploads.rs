//! Uploaded spreadsheets: kept in memory for a while, for whoever uploaded them, and bounded.

use super::planned::Planned;
use crate::documents::sheet::{Sheet, Workbook};
use crate::estimating::id::{OrganisationId, UserId};
use crate::http::limits::{
    PLANS_PER_UPLOAD_MAX, UPLOAD_LIFETIME, UPLOADS_AT_ONCE_MAX, UPLOADS_BYTES_MAX, UPLOADS_MAX,
    UPLOADS_PER_USER_MAX,
};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Bytes a cell takes in memory, roughly.
const CELL_BYTES_AROUND: usize = 64;

/// An uploaded spreadsheet, read.
pub struct Upload {
    /// Identity.
    pub id: Uuid,
    /// Who uploaded it, and where they work: nobody else sees it.
    pub owner: (OrganisationId, UserId),
    /// Name of the file.
    pub file_name: String,
    /// Bytes of the file.
    pub size: u64,
    /// Its sheets.
    pub workbook: Workbook,
    /// The newest plans, oldest first: each tab works on its own.
    plans: Mutex<VecDeque<Arc<Planned>>>,
    touched_at_us: AtomicI64,
}

impl Upload {
    /// An upload made now.
    pub fn new(
        owner: (OrganisationId, UserId),
        file_name: String,
        size: u64,
        workbook: Workbook,
        now_us: i64,
    ) -> Upload {
        Upload {
            id: Uuid::now_v7(),
            owner,
            file_name,
            size,
            workbook,
            plans: Mutex::default(),
            touched_at_us: AtomicI64::new(now_us),
        }
    }

    /// A sheet by its place in the workbook.
    pub fn sheet(&self, index: usize) -> Option<&Sheet> {
        self.workbook.sheets.get(index)
    }

    /// A plan by its identity, unless newer ones have taken its place; the newest where none is
    /// named.
    pub fn plan(&self, id: Option<Uuid>) -> Option<Arc<Planned>> {
        let plans = self.plans.lock();
        match id {
            None => plans.back().cloned(),
            Some(id) => plans.iter().find(|plan| plan.id == id).cloned(),
        }
    }

    /// Keeps a plan beside the newest ones; the oldest makes room.
    pub fn keep_plan(&self, plan: Arc<Planned>) {
        let mut plans = self.plans.lock();
        if plans.len() >= PLANS_PER_UPLOAD_MAX {
            plans.pop_front();
        }
        plans.push_back(plan);
    }

    /// Bytes it takes in memory, roughly.
    fn weight(&self) -> usize {
        let cells =
            |sheet: &Sheet| (0..sheet.row_count()).map(|r| sheet.row(r).len()).sum::<usize>();
        let cells: usize = self.workbook.sheets.iter().map(cells).sum();
        cells.saturating_mul(CELL_BYTES_AROUND)
    }
}

/// Every upload of this process.
pub struct Uploads {
    kept: Mutex<Vec<(Arc<Upload>, usize)>>,
    /// Turns for reading a file: each may take much memory for a moment.
    pub turns: Semaphore,
}

impl Default for Uploads {
    fn default() -> Self {
        Uploads { kept: Mutex::default(), turns: Semaphore::new(UPLOADS_AT_ONCE_MAX) }
    }
}

impl Uploads {
    /// Keeps an upload. The owner's oldest makes room, then anybody's. O(uploads + cells).
    pub fn keep(&self, upload: Arc<Upload>, now_us: i64) {
        let weight = upload.weight();
        let mut kept = self.kept.lock();
        sweep(&mut kept, now_us);
        while kept.iter().filter(|(u, _)| u.owner == upload.owner).count() >= UPLOADS_PER_USER_MAX {
            drop_longest_unused(&mut kept, |u| u.owner == upload.owner);
        }
        let too_many = |kept: &[(Arc<Upload>, usize)]| {
            let bytes: usize = kept.iter().map(|(_, weight)| weight).sum();
            kept.len() >= UPLOADS_MAX || bytes.saturating_add(weight) > UPLOADS_BYTES_MAX
        };
        while too_many(&kept) && !kept.is_empty() {
            drop_longest_unused(&mut kept, |_| true);
        }
        kept.push((upload, weight));
    }

    /// An upload of `owner`, used now. O(uploads).
    pub fn get(
        &self,
        owner: (OrganisationId, UserId),
        id: Uuid,
        now_us: i64,
    ) -> Option<Arc<Upload>> {
        let mut kept = self.kept.lock();
        sweep(&mut kept, now_us);
        let (upload, _) = kept.iter().find(|(u, _)| u.id == id && u.owner == owner)?;
        upload.touched_at_us.store(now_us, Ordering::Relaxed);
        Some(upload.clone())
    }

    /// Forgets an upload of `owner`; tells whether there was one.
    pub fn forget(&self, owner: (OrganisationId, UserId), id: Uuid) -> bool {
        let mut kept = self.kept.lock();
        let before = kept.len();
        kept.retain(|(u, _)| u.id != id || u.owner != owner);
        kept.len() < before
    }

    /// Drops what nobody touched for too long.
    pub fn sweep(&self, now_us: i64) {
        sweep(&mut self.kept.lock(), now_us);
    }
}

fn sweep(kept: &mut Vec<(Arc<Upload>, usize)>, now_us: i64) {
    let life_us = i64::try_from(UPLOAD_LIFETIME.as_micros()).unwrap_or(i64::MAX);
    kept.retain(|(u, _)| now_us.saturating_sub(u.touched_at_us.load(Ordering::Relaxed)) <= life_us);
}

fn drop_longest_unused(kept: &mut Vec<(Arc<Upload>, usize)>, of: impl Fn(&Upload) -> bool) {
    let oldest = kept
        .iter()
        .enumerate()
        .filter(|(_, (upload, _))| of(upload))
        .min_by_key(|(_, (upload, _))| upload.touched_at_us.load(Ordering::Relaxed))
        .map(|(place, _)| place);
    if let Some(place) = oldest {
        kept.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::sheet::FileFormat;

    fn upload(user: u128, now_us: i64) -> Arc<Upload> {
        let owner = (OrganisationId(Uuid::nil()), UserId(Uuid::from_u128(user)));
        let workbook = Workbook { format: FileFormat::Text, sheets: Vec::new() };
        Arc::new(Upload::new(owner, "a.csv".to_owned(), 1, workbook, now_us))
    }

    #[test]
    fn an_upload_belongs_to_whoever_made_it_and_lapses() {
        let uploads = Uploads::default();
        let one = upload(1, 0);
        uploads.keep(one.clone(), 0);
        let other = (one.owner.0, UserId(Uuid::from_u128(2)));
        assert!(uploads.get(other, one.id, 1).is_none());
        let minute = 60_000_000;
        assert!(uploads.get(one.owner, one.id, 29 * minute).is_some());
        assert!(uploads.get(one.owner, one.id, 58 * minute).is_some());
        assert!(uploads.get(one.owner, one.id, 89 * minute).is_none());
    }

    #[test]
    fn the_oldest_upload_of_a_person_makes_room() {
        let uploads = Uploads::default();
        let all: Vec<Arc<Upload>> =
            (0..=UPLOADS_PER_USER_MAX as i64).map(|n| upload(1, n)).collect();
        all.iter().for_each(|u| uploads.keep(u.clone(), 10));
        assert!(uploads.get(all[0].owner, all[0].id, 10).is_none());
        assert!(uploads.get(all[1].owner, all[1].id, 10).is_some());
        assert!(uploads.forget(all[1].owner, all[1].id));
        assert!(!uploads.forget(all[1].owner, all[1].id));
    }
}
