use std::path::PathBuf;

super::concern! {
    /// Where data lives.
    Storage, "storage" {
        /// Folder of the organisations and their ledgers; made when it is not there.
        data: PathBuf = PathBuf::from("data"),
    }
}
