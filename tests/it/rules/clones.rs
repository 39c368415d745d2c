//! Copies of an organisation: BR-123.

use crate::harness::process;
use crate::masked_copies::{POLICY, SALT, planted};

#[tokio::test]
async fn br_123_broken() {
    let world = planted().await;
    let folder = world.app.data().to_path_buf();
    let mut app = world.app;
    app.kill();
    let leaky = POLICY.replace("description = \"scrub\"", "description = \"keep\"");
    std::fs::write(folder.join("leaky.toml"), leaky).unwrap();
    std::fs::write(folder.join("salt"), SALT).unwrap();
    let data = folder.to_str().unwrap();
    let arguments = [
        "clone",
        "--from",
        data,
        "--mask",
        "leaky.toml",
        "--salt-file",
        "salt",
        "--to",
        "out.oxsnap",
    ];
    let said = process::refused(&arguments, &folder);
    let code = "anonymisation-leak-detected";
    assert!(said.contains(code), "{said}");
    assert!(said.contains("items ") && said.contains(" description: a name"), "{said}");
    assert!(!said.to_lowercase().contains("quarries"), "it says the secret itself: {said}");
    let left: Vec<_> =
        std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("oxsnap")), "{left:?}");
}

#[tokio::test]
async fn br_123_kept() {
    let world = planted().await;
    let folder = world.app.data().to_path_buf();
    let mut app = world.app;
    app.kill();
    std::fs::write(folder.join("masking.toml"), POLICY).unwrap();
    std::fs::write(folder.join("salt"), SALT).unwrap();
    let data = folder.to_str().unwrap();
    let arguments = [
        "clone",
        "--from",
        data,
        "--mask",
        "masking.toml",
        "--salt-file",
        "salt",
        "--to",
        "out.oxsnap",
    ];
    let said = process::output(&arguments, &folder);
    assert!(said.contains("nothing of the original found"), "{said}");
    assert!(folder.join("out.oxsnap").is_file());
}
