//! One command serves the whole application, and refuses what it must not serve.

use crate::harness::TestApp;
use crate::harness::process::refused;

#[tokio::test]
async fn every_address_of_the_application_is_served_with_its_guards() {
    let app = TestApp::start().await;
    for path in ["/", "/tenders", "/estimates/some-id"] {
        let answer = app.visitor().page(path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with("text/html"));
        assert_eq!(header("cache-control"), "no-cache");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        let scripts = policy.split(';').find(|part| part.contains("script-src")).unwrap();
        assert!(!scripts.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn a_server_asked_to_stop_stops_cleanly_and_starts_again_on_its_data() {
    let mut app = TestApp::start().await;
    app.restart().await;
    assert_eq!(app.visitor().page("/readyz").send().await.unwrap().status(), 200);
    assert_eq!(app.stop(), Some(0));
}

#[test]
fn a_start_that_would_let_anyone_in_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused(&["serve"], folder.path());
    assert!(said.contains("oxflow serve --demo"), "{said}");
    for flags in [["--demo", "."], ["--auth", "development"]] {
        let said = refused(&["serve", "--listen", "0.0.0.0:0", flags[0], flags[1]], folder.path());
        assert!(said.contains("on this machine only"), "{said}");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "a refused start left {left:?}");
}

#[test]
fn a_setting_that_nobody_knows_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("oxflow.toml"), "[server]\nport = 80\n").unwrap();
    let said = refused(&["serve", "--demo"], folder.path());
    assert!(said.contains("oxflow.toml") && said.contains("port"), "{said}");
}
