use std::path::PathBuf;

super::concern! {
    /// Programmes of other software.
    Programmes, "programmes" {
        /// The Python in which mpxj is installed (`pip install mpxj`, with Java): it reads `.mpp` and other programmes that are no XML.
        mpxj_python: PathBuf = PathBuf::from("python3"),
    }
}
