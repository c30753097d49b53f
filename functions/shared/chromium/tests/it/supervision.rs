//! What becomes of the browser's processes.

use std::fs::{self, Permissions};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use darkroom_chromium::{ChromiumCamera, ChromiumConfig, Frames, StartError};
use darkroom_core::address::Reach;
use darkroom_core::capture::Output;
use darkroom_core::failure::FailureKind;
use darkroom_core::port::Camera;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::time::timeout;

use crate::processes::{gone, members};
use crate::studio::{AMPLE, Pixels, Studio, chromium, wait_for};

#[tokio::test]
async fn a_killed_browser_fails_its_capture_and_the_next_has_another() {
    let studio = Studio::open().await;
    let first = studio.browser().unwrap();
    let mut spec = studio.spec("/stages");
    spec.wait.delay = Duration::from_secs(20);
    let killer = async {
        // The document has come when it asks for these, one by one.
        studio.site.asked_times("/slow-more", 3).await;
        kill(Pid::from_raw(first.cast_signed()), Signal::SIGKILL).unwrap();
    };
    let (failure, ()) = tokio::join!(studio.take(&spec), killer);
    assert_eq!(failure.unwrap_err().kind, FailureKind::Browser);
    studio.take(&studio.spec("/bands")).await.unwrap();
    assert_ne!(studio.browser().unwrap(), first);
    gone(first).await;
}

#[tokio::test]
async fn a_page_that_hangs_does_not_take_another_along() {
    let studio = Studio::for_two().await;
    let (hangs, works) = (studio.spec("/spin"), studio.spec("/bands"));
    let budget = Duration::from_secs(5);
    let started = Instant::now();
    let work = async { (studio.take(&works).await, started.elapsed()) };
    let (hung, (worked, took)) = tokio::join!(studio.camera.capture(&hangs, budget), work);
    assert!(took < budget, "it waited for the other: {took:?}");
    assert_eq!(hung.unwrap_err().kind, FailureKind::Timeout);
    worked.unwrap();
}

#[tokio::test]
async fn a_page_that_hogs_its_frame_does_not_hold_up_the_end_of_another_capture() {
    let studio = Studio::for_two().await;
    let hogs = studio.spec("/spin-after-load");
    let mut fails = studio.spec("/polls");
    fails.wait.selector = wait_for("%");
    let budget = Duration::from_secs(4);
    let other = async {
        studio.site.asked("/spin-after-load").await;
        // Until it spins.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let started = Instant::now();
        (studio.take(&fails).await, started.elapsed())
    };
    let (hogged, (failed, took)) = tokio::join!(studio.camera.capture(&hogs, budget), other);
    assert_eq!(hogged.unwrap_err().kind, FailureKind::Timeout);
    assert_eq!(failed.unwrap_err().kind, FailureKind::InvalidOption);
    assert!(took < Duration::from_secs(2), "it waited for the other: {took:?}");
}

#[tokio::test]
async fn a_stopped_browser_is_replaced_when_a_capture_misses_its_deadline() {
    let studio = Studio::open().await;
    let first = studio.browser().unwrap();
    kill(Pid::from_raw(first.cast_signed()), Signal::SIGSTOP).unwrap();
    let spec = studio.spec("/bands");
    let budget = Duration::from_secs(1);
    let started = Instant::now();
    let failure = studio.camera.capture(&spec, budget).await;
    assert_eq!(failure.unwrap_err().kind, FailureKind::Browser);
    assert!(started.elapsed() < budget + Duration::from_secs(1));
    studio.take(&spec).await.unwrap();
    gone(first).await;
}

#[tokio::test]
async fn a_capture_with_no_time_left_does_not_cost_the_others_their_browser() {
    let studio = Studio::for_two().await;
    let browsers = studio.camera.process_ids();
    let mut slow = studio.spec("/bands");
    slow.wait.delay = Duration::from_secs(1);
    let hurried = async {
        for micros in [0, 1, 100, 1_000, 3_000, 10_000] {
            let budget = Duration::from_micros(micros);
            // A very quick machine may be ready to be late for something else.
            let failure = studio.camera.capture(&studio.spec("/hang"), budget).await.unwrap_err();
            let kinds = [FailureKind::Browser, FailureKind::Timeout];
            assert!(kinds.contains(&failure.kind), "{micros} µs: {failure}");
        }
    };
    let (picture, ()) = tokio::join!(studio.take(&slow), hurried);
    picture.unwrap();
    assert_eq!(studio.camera.process_ids(), browsers);
}

#[tokio::test]
async fn a_browser_that_is_stuck_in_drawing_is_replaced_within_the_capture() {
    let studio = Studio::open().await;
    let first = studio.browser().unwrap();
    let mut spec = studio.spec("/spin-in-print-once");
    spec.output = Output::Pdf(Box::default());
    let pdf = studio.take(&spec).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert_eq!(studio.site.paths().len(), 2);
    gone(first).await;
    // Whoever was stuck, the next capture finds a browser.
    studio.take(&studio.spec("/bands")).await.unwrap();
}

#[tokio::test]
async fn what_was_made_ready_in_a_browser_that_is_stuck_goes_with_it() {
    let studio = Studio::open().await;
    let mut spec = studio.spec("/spin-in-print-once");
    spec.output = Output::Pdf(Box::default());
    studio.take(&studio.spec("/bands")).await.unwrap();
    // It comes upon the last one, so that the page for the next is made ready early.
    studio.take(&spec).await.unwrap();
    let ready = timeout(AMPLE, lasting(&studio)).await.unwrap();
    studio.take(&studio.spec("/bands")).await.unwrap();
    assert_eq!(studio.browser(), Some(ready));
}

/// The camera's browser, once it has had the same for a while: one that drew in another's
/// place may be ending still.
async fn lasting(studio: &Studio) -> u32 {
    let (mut browser, mut looks) = (None, 0);
    loop {
        if let Some(lasting) = browser.filter(|_| looks == 30) {
            return lasting;
        }
        let now = studio.browser();
        looks = if now == browser { looks + 1 } else { 0 };
        browser = now;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_camera() {
    let studio = Studio::for_two().await;
    studio.take(&studio.spec("/bands")).await.unwrap();
    let groups = studio.camera.process_ids();
    let profiles: Vec<_> = groups.iter().map(|&group| profile_of(group)).collect();
    assert!(profiles.iter().all(|profile| profile.exists()));
    assert!(groups.iter().all(|&group| !members(group).is_empty()));
    assert_eq!(groups.len(), 2);
    drop(studio);
    assert!(groups.iter().all(|&group| members(group).is_empty()));
    assert!(!profiles.iter().any(|profile| profile.exists()));
}

#[tokio::test]
async fn a_browser_that_died_while_idle_is_not_handed_out() {
    let studio = Studio::open().await;
    for _ in 0..3 {
        let idle = studio.browser().unwrap();
        kill(Pid::from_raw(idle.cast_signed()), Signal::SIGKILL).unwrap();
        studio.take(&studio.spec("/bands")).await.unwrap();
        assert_ne!(studio.browser(), Some(idle));
    }
}

#[tokio::test]
async fn a_browser_that_dies_before_the_page_comes_costs_no_capture() {
    let studio = Studio::open().await;
    let first = studio.browser().unwrap();
    let spec = studio.spec("/hang-once");
    let killer = async {
        studio.site.asked("/hang-once").await;
        kill(Pid::from_raw(first.cast_signed()), Signal::SIGKILL).unwrap();
    };
    let (picture, ()) = tokio::join!(studio.take(&spec), killer);
    assert_eq!(Pixels::read(&picture.unwrap()).at(0, 0), "00ff00");
    assert_ne!(studio.browser(), Some(first));
}

#[tokio::test]
async fn a_capture_that_was_dropped_leaves_room_for_others() {
    let studio = Studio::open().await;
    let hangs = studio.spec("/hang");
    for _ in 0..2 {
        tokio::select! {
            _ended = studio.take(&hangs) => panic!("it hangs"),
            () = studio.site.asked("/hang") => {}
        }
    }
    studio.take(&studio.spec("/bands")).await.unwrap();
}

#[tokio::test]
async fn more_captures_than_are_taken_at_once_wait() {
    let studio = Studio::open().await;
    let bands = studio.spec("/bands");
    let taken = tokio::join!(studio.take(&bands), studio.take(&bands), studio.take(&bands));
    assert!(taken.0.is_ok() && taken.1.is_ok() && taken.2.is_ok(), "{taken:?}");
    assert_eq!(studio.camera.process_ids().len(), 1);
}

#[tokio::test]
async fn chromium_knows_nothing_of_our_environment() {
    let studio = Studio::open().await;
    let group = studio.browser().unwrap();
    let known = ["HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "FONTCONFIG_FILE"];
    for variable in environment(group).split('\0').filter(|variable| !variable.is_empty()) {
        let name = variable.split('=').next().unwrap();
        assert!(known.contains(&name) || name.starts_with("XDG_"), "{name}");
    }
    // Its children write their titles over theirs, but no more than that.
    for process in members(group) {
        assert!(environment(std::process::id()).contains("CARGO_MANIFEST_DIR="));
        assert!(!environment(process).contains("CARGO_MANIFEST_DIR="));
    }
}

/// A program that is Chromium, but knows no driven frames: the message that asks for
/// one is another by the time it comes to it.
fn without_driven_frames(folder: &Path) -> PathBuf {
    let chromium = chromium();
    let layer = chromium.parent().unwrap().parent().unwrap();
    let script = format!(
        "#!/bin/sh\n\
         # A Chromium that lies elsewhere isn't given its layer's libraries and fonts.\n\
         export LD_LIBRARY_PATH='{layer}/lib' FONTCONFIG_FILE='{layer}/fonts/fonts.conf'\n\
         mkfifo \"$0.$$\"\n\
         sed -zu 's/HeadlessExperimental.beginFrame/Headless.none/' <&3 >\"$0.$$\" 4>&- &\n\
         # With what the shell adds to the environment, one start in eight dies (SIGSEGV).\n\
         exec env -u PWD -u OLDPWD -u _ '{}' \"$@\" 3<\"$0.$$\"\n",
        chromium.display(),
        layer = layer.display(),
    );
    let program = folder.join("chromium");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    program
}

#[tokio::test]
async fn a_chromium_that_draws_no_driven_frames_is_left_to_its_own_clock() {
    let folder = tempfile::tempdir().unwrap();
    let studio = Studio::with_program(without_driven_frames(folder.path())).await;
    assert_eq!(studio.camera.browser_in_use().unwrap().1, Frames::Free);
    for _ in 0..2 {
        let bands = studio.take(&studio.spec("/bands")).await.unwrap();
        assert_eq!(Pixels::read(&bands).at(640, 300), "00ff00");
    }
    assert_eq!(studio.camera.process_ids().len(), 1);
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let config = ChromiumConfig {
        path: "/nowhere/chromium".into(),
        reach: Reach::public(),
        memory_mib: 2_048,
        at_once: NonZeroUsize::MIN,
    };
    let fault = ChromiumCamera::start(config).await.unwrap_err();
    assert!(matches!(fault, StartError::Execute { .. }), "{fault}");
    assert!(fault.to_string().contains("/nowhere/chromium"), "{fault}");
}

fn environment(process: u32) -> String {
    let variables = fs::read(format!("/proc/{process}/environ")).unwrap();
    String::from_utf8_lossy(&variables).into_owned()
}

fn profile_of(process: u32) -> PathBuf {
    let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap();
    let flag = line.split('\0').find_map(|word| word.strip_prefix("--user-data-dir="));
    flag.unwrap().into()
}
