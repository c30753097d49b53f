//! What a page is kept from asking for, and rid of.

use std::collections::BTreeSet;
use std::ops::Range;

use darkroom_chromium::ChromiumCamera;
use darkroom_core::capture::{Clutter, Resource, Source, UrlPattern};
use darkroom_core::port::Camera;

use crate::site::html;
use crate::studio::{AMPLE, Pixels, Studio, config, document, spec, target};
use crate::town::{Here, Plan, Town};

/// What is in the way, in every plan.
const CLUTTER: &str = "ff00ff";

/// So much of it is there where nothing is blocked.
const LEAST_CLUTTER: usize = 1_000;

fn clutter(word: &str) -> Clutter {
    match word {
        "ads" => Clutter::Ads,
        "trackers" => Clutter::Trackers,
        "cookie_banners" => Clutter::CookieBanners,
        "guessed_banners" => Clutter::GuessedBanners,
        "chats" => Clutter::Chats,
        "socials" => Clutter::Socials,
        "annoyances" => Clutter::Annoyances,
        other => panic!("{other} is no clutter"),
    }
}

async fn picture(camera: &ChromiumCamera, url: &str, blocked: BTreeSet<Clutter>) -> Vec<u8> {
    let mut spec = spec(Source::Url(target(url)));
    spec.blocking.clutter = blocked;
    let taken = camera.capture(&spec, AMPLE).await.unwrap();
    taken.content.collect().await.unwrap().to_vec()
}

fn clutter_in(picture: &[u8]) -> usize {
    let pixels = Pixels::read(picture);
    pixels.corner(pixels.width, pixels.height).iter().filter(|pixel| *pixel == CLUTTER).count()
}

/// What is wrong with the pictures of one plan.
async fn faults(camera: &ChromiumCamera, plan: &Plan) -> Vec<String> {
    let town = Town::build(plan).await;
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{}: {what}", plan.name));
        }
    };
    let before = picture(camera, &town.url(""), BTreeSet::new()).await;
    let log = town.take_log();
    let seen = clutter_in(&before);
    check(plan.is_clean || seen >= LEAST_CLUTTER, format!("{seen} pixels of clutter before"));
    for url in &plan.never {
        check(log.contains(url), format!("{url} isn't asked for before"));
    }
    for url in &plan.asked {
        check(!log.contains(url), format!("{url} is asked for before"));
    }
    let blocked = plan.block.iter().map(|word| clutter(word)).collect();
    let after = picture(camera, &town.url(""), blocked).await;
    let log = town.take_log();
    for url in &plan.never {
        check(!log.contains(url), format!("{url} is asked for"));
    }
    for url in &plan.asked {
        check(log.contains(url), format!("{url} isn't asked for"));
    }
    let left = clutter_in(&after);
    check(left == 0, format!("{left} pixels of clutter left"));
    let clean = picture(camera, &town.url("clean"), BTreeSet::new()).await;
    check(clutter_in(&clean) == 0, String::from("its clean twin isn't clean"));
    let (ours, twins) = (Pixels::read(&after), Pixels::read(&clean));
    let differing = ours
        .corner(ours.width, ours.height)
        .iter()
        .zip(&twins.corner(twins.width, twins.height))
        .filter(|(here, there)| here != there)
        .count();
    check(differing == 0, format!("{differing} pixels differ from its clean twin"));
    keep(plan, [("before", &before), ("after", &after), ("clean", &clean)]);
    faults
}

/// Keeps the pictures where somebody wants to look at them.
fn keep(plan: &Plan, pictures: [(&str, &Vec<u8>); 3]) {
    let Some(folder) = std::env::var_os("CLUTTER_PICTURES") else {
        return;
    };
    for (name, picture) in pictures {
        let file = format!("{}-{name}.png", plan.name);
        std::fs::write(std::path::Path::new(&folder).join(file), picture).unwrap();
    }
}

async fn all_come_out_clean(numbers: Range<u32>) {
    let camera = ChromiumCamera::start_asking(config(), Box::new(Here)).await.unwrap();
    let number = |plan: &Plan| plan.name.split('-').next().unwrap().parse::<u32>().unwrap();
    let plans: Vec<_> =
        Plan::all("clutter").into_iter().filter(|plan| numbers.contains(&number(plan))).collect();
    assert!(!plans.is_empty());
    let mut wrong = Vec::new();
    for plan in &plans {
        wrong.extend(faults(&camera, plan).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn banners_of_the_usual_kinds_are_refused() {
    all_come_out_clean(1..13).await;
}

#[tokio::test]
async fn banners_of_other_kinds_are_refused_or_hidden() {
    all_come_out_clean(13..31).await;
}

#[tokio::test]
async fn ads_are_neither_asked_for_nor_seen() {
    all_come_out_clean(31..41).await;
}

#[tokio::test]
async fn trackers_chats_socials_and_popups_are_neither_asked_for_nor_seen() {
    all_come_out_clean(41..100).await;
}

#[tokio::test]
async fn a_page_is_told_nothing_of_what_it_must_not_ask_for() {
    let studio = Studio::open().await;
    let body = "<body style='background:#00ff00'><img src=/red.png?own><img src=/redirect?/red.png?own>\
         <img src=/red.png?kept><iframe src=/pink style='border:0'></iframe><link rel=stylesheet href=/style.css>\
         <script>fetch('/more').catch(() => {}); fetch('/less').catch(() => {})</script>";
    let mut spec = studio.spec(&html(body));
    let own = studio.site.url("/red.png?own");
    spec.blocking.requests =
        [own.as_str(), "*/less"].map(|it| UrlPattern::parse(it).unwrap()).into();
    spec.blocking.resources = [Resource::Document, Resource::Stylesheet].into();
    // What the capture blocks itself isn't what must not fail.
    spec.rules.request_failed = vec![UrlPattern::parse("*/less").unwrap()];
    let picture = studio.take(&spec).await.unwrap();
    let mut paths = studio.site.paths();
    paths.retain(|path| !path.starts_with("/html"));
    paths.sort();
    assert_eq!(paths, ["/more", "/red.png?kept", "/redirect?/red.png?own"]);
    // What lacks something keeps its place, and isn't seen.
    let pixels = Pixels::read(&picture);
    let colours: BTreeSet<_> = pixels.corner(400, 200).into_iter().collect();
    assert_eq!(colours, ["00ff00", "ff0000"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_web_socket_that_is_blocked_fails_like_any_other() {
    let studio = Studio::open().await;
    let body = "<body style='background:#ff0000'><script>\
         const socket = new WebSocket('ws://' + location.host + '/socket');\
         const is_one = socket instanceof WebSocket && WebSocket.OPEN === 1;\
         socket.onclose = () => { if (is_one) document.body.style.background = '#00ff00' }</script>";
    let mut spec = studio.spec(&html(body));
    spec.blocking.resources = [Resource::WebSocket].into();
    spec.wait.function = Some("document.body.style.background === 'rgb(0, 255, 0)'".to_owned());
    let picture = studio.take(&spec).await.unwrap();
    assert_eq!(Pixels::read(&picture).at(600, 400), "00ff00");
    assert!(!studio.site.paths().contains(&"/socket".to_owned()));
}

#[tokio::test]
async fn a_document_that_came_with_the_request_is_cleaned_too() {
    let studio = Studio::open().await;
    let ad = "<div class=ad-content-rectangle style='height:200px;background:#ff0000'></div>";
    let image = format!("<img src='{}'>", studio.site.url("/red.png"));
    let mut spec = document(&format!("<body style='background:#00ff00'>{ad}{image}"));
    spec.blocking.clutter = [Clutter::Ads].into();
    spec.blocking.resources = [Resource::Image].into();
    let picture = studio.take(&spec).await.unwrap();
    assert_eq!(Pixels::read(&picture).at(4, 4), "00ff00");
    assert!(studio.site.paths().is_empty(), "{:?}", studio.site.paths());
}

#[tokio::test]
async fn headers_and_blocking_go_together() {
    let studio = Studio::open().await;
    let mut spec = studio.spec(&html("<img src=/red.png?own><img src=/red.png?kept>"));
    spec.blocking.requests = vec![UrlPattern::parse("*?own").unwrap()];
    spec.request.headers = vec![darkroom_core::capture::Header {
        name: "x-own".to_owned(),
        value: darkroom_core::secret::SecretText::new("capture".to_owned()),
    }];
    studio.take(&spec).await.unwrap();
    let heads = studio.site.heads();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(heads.iter().all(|head| head.to_lowercase().contains("\r\nx-own: capture\r\n")));
}
