//! Pages in a few facts each, with what is to be found on them.

use super::FindingKind::{
    Blank, Challenge, Dialog, ErrorPage, FontsMissing, HalfLoaded, ImagesMissing,
};
use super::*;

/// A page that says this below this title and heading, with as many letters as that has.
fn page(title: &str, heading: &str, words: &str) -> Scene {
    let letters = letters(words) + letters(heading);
    Scene {
        title: title.to_owned(),
        headings: Some(heading.to_owned()).filter(|it| !it.is_empty()).into_iter().collect(),
        largest: heading.to_owned(),
        words: format!("{heading}\n{words}"),
        letters,
        main_letters: letters,
        sure_letters: letters,
        is_whole: true,
        has_things: true,
        ..Scene::default()
    }
}

fn letters(text: &str) -> u32 {
    u32::try_from(text.chars().filter(|letter| !letter.is_whitespace()).count()).unwrap()
}

/// An ordinary page.
fn ordinary() -> Scene {
    page("Bread | A bakery", "Bread", &"We bake rye and wheat, every day but Sunday. ".repeat(20))
}

/// A page that shows nothing.
fn bare() -> Scene {
    Scene { is_whole: true, ..Scene::default() }
}

fn kinds(document: Scene) -> Vec<FindingKind> {
    kinds_of(&Sight { status: Some(200), document: Some(document), ..Sight::default() })
}

fn kinds_of(sight: &Sight) -> Vec<FindingKind> {
    let verdict = Verdict::of(sight);
    for finding in &verdict.findings {
        assert!(finding.detail.chars().count() <= 200, "{}", finding.detail);
    }
    verdict.findings.iter().map(|finding| finding.kind).collect()
}

/// Each page by its name, with what is found on it.
fn check(rows: Vec<(&str, Scene, &[FindingKind])>) {
    for (name, scene, expected) in rows {
        assert_eq!(kinds(scene), expected, "{name}");
    }
}

/// The pages of a table, one a line: what it is, title, heading, words, and how often these
/// stand there.
fn pages(table: &str) -> Vec<(&str, Scene)> {
    let rows = table.lines().map(|line| line.split(";;").map(str::trim).collect::<Vec<_>>());
    rows.filter(|row| row.len() > 1)
        .map(|row| {
            let times = row.get(4).map_or(1, |times| times.parse().unwrap());
            (row[0], page(row[1], row[2], &format!("{} ", row[3]).repeat(times)))
        })
        .collect()
}

fn check_all(table: &str, expected: &[FindingKind]) {
    let pages = pages(table);
    assert!(pages.len() > 3, "a table that isn't read");
    for (name, scene) in pages {
        assert_eq!(kinds(scene), expected, "{name}");
    }
}

#[test]
fn a_challenge_is_told_by_its_vendors_words() {
    check_all(
        "
        HUMAN ;;;; Before we continue… ;; Press & Hold to confirm you are a human (and not a bot).
        Cloudflare, blocking ;;;; Sorry, you have been blocked ;; You are unable to access shop.example
        Cloudflare, waiting ;; Just a moment... ;;;; Enable JavaScript and cookies to continue
        Cloudflare, waiting in German ;; Nur einen Moment… ;; shop.example ;; Bestätigen Sie, dass Sie ein Mensch sind
        Cloudflare, asking ;; Shop ;; shop.example ;; Verify you are human by completing the action below.
        Cloudflare, 1020 ;; Access denied ;; Access denied ;; Error 1020. You can't reach this.
        Akamai ;; Access Denied ;; Access Denied ;; You don't have permission to access \"http://a/\" on this server. Reference #18.2f
        Imperva ;;;;;; Request unsuccessful. Incapsula incident ID: 89-1
        Distil ;; Pardon Our Interruption ;; Pardon Our Interruption ;; As you were browsing
        AWS WAF ;; Human Verification ;; Let's confirm you are human ;; Begin
        Vercel ;; Vercel Security Checkpoint ;;;; We're verifying your browser
        Sucuri ;; Sucuri WebSite Firewall - Access Denied ;; Access Denied ;; Block ID 5
        DDoS-Guard ;; DDoS-Guard ;;;; Checking your browser before accessing a.example
        Google ;; https://www.google.com/search ;;;; Our systems have detected unusual traffic from your computer network.
        Amazon ;; Amazon.com ;;;; Type the characters you see in this image:
        F5 ;; Request Rejected ;;;; The requested URL was rejected. Please consult with your administrator. Your support ID is: 1
        Anubis ;; Making sure you're not a bot! ;; Making sure you're not a bot! ;; Calculating
        ",
        &[Challenge],
    );
}

#[test]
fn a_challenge_is_told_by_what_its_vendor_leaves_in_the_document() {
    let marked = |mark: &str, words: &str| Scene {
        marks: vec![mark.to_owned()],
        ..page("shop.example", "", words)
    };
    let shown = [String::from("widget:hCaptcha"), String::from("shown:hCaptcha")];
    let found: &[FindingKind] = &[Challenge];
    check(vec![
        ("Cloudflare's script", marked("cloudflare", "One step"), found),
        ("DataDome's script alone", marked("datadome", ""), found),
        ("Kasada's script alone", marked("kasada", ""), found),
        ("Sucuri's script", marked("sucuri", "You are being redirected"), found),
        ("Akamai's interstitial", marked("akamai", ""), found),
        ("AWS WAF's script", marked("aws-waf", ""), found),
        ("a plain gate", marked("widget:reCAPTCHA", "Are you a robot?"), found),
        ("one in German", marked("widget:hCaptcha", "Zeigen Sie, dass Sie ein Mensch sind"), found),
        ("nothing but a widget", Scene { marks: shown.into(), ..page("a", "", "") }, found),
    ]);
}

#[test]
fn a_guarded_page_is_no_challenge() {
    let mut form = page("Contact", "Write to us", "Name, message. Show that you are not a robot.");
    form.marks = vec![String::from("widget:reCAPTCHA"), String::from("shown:reCAPTCHA")];
    form.fields = 3;
    let mut guarded = ordinary();
    guarded.marks = vec![String::from("widget:Turnstile"), String::from("human")];
    let mut empty = page("App", "", "");
    empty.marks = vec![String::from("widget:reCAPTCHA")];
    check(vec![
        ("a form with a widget", form, &[]),
        ("a page with marks and many words", guarded, &[]),
        ("a widget's script on a page without words", empty, &[]),
    ]);
}

#[test]
fn a_page_about_challenges_is_none() {
    check_all(
        "
        a maker's page ;; Bot Manager | Shieldworks ;; Are you a robot? We know. ;; “Press & hold” is for elevators, and so is to verify that you are human. ;; 3
        an article ;; “Just a moment…”: why pages ask ;; Why pages ask ;; You press & hold to confirm, or read: Incapsula incident ID. It turns like a ring. ;; 24
        a novel ;; Just a moment - Novels ;; Just a moment ;; She waited. ;; 20
        one that says it late ;; Elevators ;; Elevators ;; A button is what one holds who would rather go up than walk, in most houses that have one. ;; 9
        a help page ;; Why do I see a CAPTCHA? | Help ;; Why do I see a CAPTCHA? ;; We ask when there is unusual traffic. Then complete the CAPTCHA. ;; 3
        ",
        &[],
    );
    let late =
        format!("{} You press & hold to confirm.", "It goes up, and it goes down. ".repeat(30));
    assert_eq!(kinds(page("Elevators", "Elevators", &late)), []);
}

#[test]
fn an_error_page_is_told_by_what_it_is_called() {
    check_all(
        "
        by heading and title ;; Page not found | Shop ;; 404 – Page not found ;; Back home
        by both, with much to sell ;; Page not found | Shop ;; Page not found ;; These are popular: coats, hats, gloves and shoes. ;; 40
        by its heading alone ;; Shop ;; Page not found ;; Have a look. ;; 20
        a status and a sentence ;; Shop ;; 404 ;; The page you are looking for doesn't exist.
        a sigh and a sentence ;; Shop ;; Oops! ;; We can't find that page, sorry: it does not exist.
        German ;; Fehler 404 ;; Seite nicht gefunden ;; Zur Startseite
        French ;; Erreur 404 ;; Oups ! ;; Cette page n'existe plus.
        Spanish ;; Tienda ;; Página no encontrada ;; Volver
        Portuguese ;; Loja ;; Página não encontrada ;; Voltar
        Dutch ;; Winkel ;; Pagina niet gevonden ;; Terug
        Russian ;; Магазин ;; Страница не найдена ;; Назад
        Japanese ;; ショップ ;; ページが見つかりません ;; トップへ
        Chinese ;; 商店 ;; 页面不存在 ;; 首页
        maintenance ;; Shop ;; We're down for maintenance ;; Back at noon
        maintenance in German ;; Laden ;; Wartungsarbeiten ;; Bald wieder da.
        refused ;; Access denied ;; Access denied ;; You do not have permission to see this.
        ",
        &[ErrorPage],
    );
}

#[test]
fn an_error_page_is_told_by_what_its_program_writes() {
    check_all(
        "
        nginx ;; 502 Bad Gateway ;; 502 Bad Gateway ;; nginx/1.25.3
        Apache ;; 404 Not Found ;; Not Found ;; The requested URL was not found on this server.
        IIS ;; IIS Detailed Error ;; HTTP Error 404.0 - Not Found ;; Most likely causes
        Tomcat ;; HTTP Status 404 – Not Found ;; HTTP Status 404 – Not Found ;; Type Status Report
        ASP.NET ;; Runtime Error ;; Server Error in '/' Application. ;; Description: An error. ;; 40
        Next.js ;; 404: This page could not be found. ;; 404 ;; This page could not be found.
        React ;;;; Application error: a client-side exception has occurred (see the console). ;;
        WordPress ;; Database Error ;; Error establishing a database connection ;;
        Express ;; Error ;;;; Cannot GET /a
        Go ;;;;;; 404 page not found
        Envoy ;;;;;; upstream connect error or disconnect/reset before headers. reset reason: timeout
        JSON ;;;;;; {\"message\": \"Internal server error\"}
        Python's trace ;;;;;; Traceback (most recent call last): File app.py, line 3, in main
        PHP's trace ;;;;;; Fatal error: Uncaught Exception in /srv/index.php on line 12
        ",
        &[ErrorPage],
    );
}

#[test]
fn a_page_that_only_speaks_of_errors_is_none() {
    check_all(
        "
        an article ;; How to design a 404 page ;; How to design a 404 page ;; A page not found is a page to find. ;; 9
        a product ;; 404 | Shoes ;; 404 ;; A running shoe of 404 grams. Add to cart
        a record ;; Error 503 – Access Denied (LP) | Records ;; Access Denied ;; Side A: Not Found. Add to basket
        a status page ;; Status ;; All systems operational ;; Scheduled maintenance: none. API, website, e-mail.
        a question ;; TypeError: Cannot read properties of undefined ;; TypeError: Cannot read properties of undefined ;; I get this on line 12. ;; 20
        a garage ;; Wartungsarbeiten | Autohaus ;; Wartungsarbeiten ;; Wir warten Ihr Auto und wechseln das Öl. ;; 10
        a film ;; Forbidden | Cinema ;; Forbidden ;; A story of two who may not meet, in four acts. ;; 8
        one line ;; Studio ;; Perfection does not exist. ;; We try anyway.
        in passing ;; Changes ;; Version 4 ;; An internal server error is gone; pages that do not exist answer 404 again. ;; 8
        a search without hits ;; Search ;; Nothing found ;; Try another word.
        a book ;; Gone Girl | Books ;; Gone ;; It is about a marriage that isn't what it seems. ;; 9
        an album ;; Something Went Wrong - Band ;; Something went wrong ;; Nine songs about a summer that did not go as planned. ;; 3
        help ;; Help: page not found ;; Help: I get “page not found” ;; Check the address, then write to us, or call between nine and five, Monday to Friday. ;; 4
        a number ;; Room 404 ;; Room 404 ;; Two beds and a view of the sea.
        ",
        &[],
    );
    let mut docs = page(
        "404 Not Found - HTTP | Web Docs",
        "404 Not Found",
        &"The status code says that the page could not be found. ".repeat(8),
    );
    docs.headings.extend(["Status", "Examples"].map(String::from));
    assert_eq!(kinds(docs), [], "a reference");
    let said = "Something went wrong: the address does not exist. Please try again later.";
    let validation = Scene { fields: 4, ..page("Sign up", "Sign up", said) };
    assert_eq!(kinds(validation), [], "a form with an error");
}

#[test]
fn a_status_tells_an_error_whatever_the_page_says() {
    let sight = |status, document| Sight { status: Some(status), document, ..Sight::default() };
    assert_eq!(kinds_of(&sight(404, Some(ordinary()))), [ErrorPage]);
    assert_eq!(kinds_of(&sight(500, None)), [ErrorPage]);
    assert_eq!(kinds_of(&sight(399, Some(ordinary()))), []);
    let detail = &Verdict::of(&sight(404, None)).findings[0].detail;
    assert_eq!(detail, "HTTP status 404");
}

#[test]
fn blank_is_what_has_one_colour_or_nothing_to_show() {
    let painted = |paint, document| Sight { paint, document, ..Sight::default() };
    let with_things = Scene { has_things: true, ..bare() };
    let unread = Scene { is_whole: false, ..bare() };
    let rows = [
        ("one colour", painted(Paint::Uniform, Some(bare())), true),
        ("one colour, and nobody answers", painted(Paint::Uniform, None), true),
        (
            "words that aren't seen",
            painted(Paint::Uniform, Some(Scene { sure_letters: 0, ..ordinary() })),
            true,
        ),
        ("many colours", painted(Paint::Varied, Some(bare())), false),
        ("no pixels, no words", painted(Paint::Unseen, Some(bare())), true),
        ("no pixels, a drawing", painted(Paint::Unseen, Some(with_things)), false),
        ("no pixels, not read to the end", painted(Paint::Unseen, Some(unread)), false),
        ("no pixels, nobody answers", painted(Paint::Unseen, None), false),
        ("words", painted(Paint::Unseen, Some(ordinary())), false),
    ];
    for (name, sight, is_blank) in rows {
        assert_eq!(kinds_of(&sight) == [Blank], is_blank, "{name}");
    }
}

#[test]
fn pixels_are_wanted_where_nothing_is_surely_painted() {
    let wants = |document| Sight { document, ..Sight::default() }.wants_pixels();
    let images = Images { painted: 0.5, ..Images::default() };
    assert!(wants(None));
    assert!(wants(Some(bare())));
    assert!(wants(Some(Scene { sure_letters: 0, ..ordinary() })), "words that may not be seen");
    assert!(!wants(Some(ordinary())));
    assert!(!wants(Some(Scene { images, ..bare() })));
}

#[test]
fn half_loaded_is_what_waits_or_lacks_what_makes_it() {
    let found: &[FindingKind] = &[HalfLoaded];
    let waits = || vec![String::from("spinner")];
    let missing = |is_plain| Styles {
        missing: vec![String::from("https://a.example/main.css")],
        is_plain,
        ..Styles::default()
    };
    let pending = vec![String::from("https://a.example/1.jpg")];
    let images = Images { wanted: 2, pending, ..Images::default() };
    let fonts = Fonts { pending: vec![String::from("Inter")], ..Fonts::default() };
    let painted = Images { painted: 0.6, wanted: 1, ..Images::default() };
    check(vec![
        ("a spinner", Scene { waits: waits(), ..page("App", "", "") }, found),
        ("words", page("App", "", "Loading…"), found),
        ("words and a share", page("App", "", "Loading 42 %"), found),
        ("words in German", page("App", "", "Wird geladen … bitte warten"), found),
        ("words in Japanese", page("App", "", "読み込み中…"), found),
        ("no scripts", page("App", "", "You need to enable JavaScript to run this app."), found),
        ("no style", Scene { styles: missing(true), ..ordinary() }, found),
        ("an image on its way", Scene { images, ..ordinary() }, found),
        ("a font on its way", Scene { fonts, ..ordinary() }, found),
        ("a spinner on a page", Scene { waits: waits(), ..ordinary() }, &[]),
        (
            "a spinner beside a picture",
            Scene { waits: waits(), images: painted, ..page("", "", "") },
            &[],
        ),
        (
            "a player",
            Scene { waits: vec![String::from("progressbar")], ..page("Film", "A film", "") },
            &[],
        ),
        ("words that go on", page("App", "", "Please wait while we load your dashboard…"), found),
        (
            "a reference",
            page(
                "noscript",
                "noscript",
                "You need to enable JavaScript to run this app. So it says.",
            ),
            &[],
        ),
        ("a port", page("Port", "Loading dock", "Loading dock 5 opens at nine o'clock."), &[]),
        (
            "an article on scripts",
            page("JavaScript", "Scripts", &"Please enable JavaScript to see it. ".repeat(20)),
            &[],
        ),
        ("a sheet of many", Scene { styles: missing(false), ..ordinary() }, &[]),
    ]);
    let late = Sight { is_cut_short: true, document: Some(ordinary()), ..Sight::default() };
    assert_eq!(kinds_of(&late), [HalfLoaded]);
}

/// A box over the page, with these words and this button.
fn layer(words: &str, answer: &str) -> Layer {
    Layer {
        float: Float::Fixed,
        share: 0.3,
        edges: [0.3, 0.25, 0.7, 0.75],
        words: words.to_owned(),
        letters: letters(words),
        behind: 800,
        answers: vec![answer.to_owned()],
        ..Layer::default()
    }
}

fn below(layer: Layer) -> Scene {
    Scene { layers: vec![layer], ..ordinary() }
}

#[test]
fn what_lies_over_the_page_and_asks_is_a_dialog() {
    let found: &[FindingKind] = &[Dialog];
    let over = |layer: Layer| {
        below(Layer { share: 1.0, dims: true, edges: [0.0, 0.0, 1.0, 1.0], ..layer })
    };
    let bar = Layer {
        share: 0.15,
        edges: [0.0, 0.9, 1.0, 1.0],
        ..layer("We use cookies to make this better.", "Accept all")
    };
    let modal =
        Layer { is_modal: true, float: Float::Top, ..layer("Choose what becomes of it.", "OK") };
    let gate =
        Layer { share: 1.0, edges: [0.0, 0.0, 1.0, 1.0], ..layer("Are you over 18?", "Yes") };
    let framed = Layer { names: String::from("sp_message_container iframe"), ..layer("", "") };
    let store = layer("We and our partners store and access information on your device.", "Accept");
    check(vec![
        ("a bar about cookies", below(bar), found),
        ("a notice that isn't about «cookies»", below(store), found),
        (
            "the same in German",
            below(layer("Wir achten Ihre Privatsphäre und Ihre Einwilligung", "Alle akzeptieren")),
            found,
        ),
        (
            "the same in Japanese",
            below(layer(
                "当サイトではクッキーを使用しています。詳しくはこちらをご覧ください。",
                "同意する",
            )),
            found,
        ),
        ("a frame of another host", below(framed), found),
        ("a newsletter", over(layer("Get 10% off. Join our newsletter.", "No thanks")), found),
        ("an age gate", below(gate), found),
        ("a paywall", over(layer("Subscribe to continue reading", "See offers")), found),
        ("a login wall", over(layer("Log in to continue", "Log in")), found),
        ("an app", over(layer("This looks better in the app", "Open in app")), found),
        ("regions", over(layer("Choose your country", "Go")), found),
        ("a modal one of any kind", below(modal), found),
        ("a dimmed page", over(layer("Look what we have for you", "Show me")), found),
    ]);
}

/// A box at these edges, which is on top at this share of the window.
fn at(share: f64, edges: [f64; 4], words: &str, answer: &str) -> Layer {
    Layer { share, edges, ..layer(words, answer) }
}

#[test]
fn what_belongs_to_the_page_is_no_dialog() {
    let top = [0.0, 0.0, 1.0, 0.09];
    let left = [0.0, 0.0, 0.2, 1.0];
    let corner = [0.7, 0.9, 0.98, 0.97];
    let header = at(0.17, top, "Bread Cookies Subscribe Log in", "Settings");
    let sidebar = at(0.2, left, "Library. Subscribe. Playlists. Cookies", "Close");
    let panel = at(0.27, [0.01, 0.01, 0.3, 0.77], "Subscribe to cafés you like", "Search");
    check(vec![
        ("a header", below(Layer { is_navigation: true, links: 4, ..header }), &[]),
        ("a sidebar", below(Layer { links: 12, ..sidebar }), &[]),
        ("one that asks", below(at(0.2, left, "Inbox. Privacy policy", "Accept invite")), &[]),
        ("a map's panel", below(Layer { fields: 1, links: 2, ..panel }), &[]),
        ("an editor's tools", below(at(0.1, [0.35, 0.01, 0.65, 0.06], "Bold", "Accept all")), &[]),
        ("a chat's button", below(at(0.04, corner, "How can we help?", "Chat")), &[]),
        ("a toast", below(at(0.04, corner, "Saved to drafts", "Undo")), &[]),
        ("back to top", below(at(0.03, corner, "", "Back to top")), &[]),
        ("a promotion", below(at(0.17, top, "10% off your first order", "×")), &[]),
    ]);
}

#[test]
fn what_is_the_page_or_asks_nothing_is_no_dialog() {
    let all = [0.0, 0.0, 1.0, 1.0];
    let bottom = [0.0, 0.95, 1.0, 1.0];
    let shell = at(1.0, all, &"Inbox, sent, newsletter. ".repeat(30), "Send");
    let unanswerable = layer("We use cookies. Our newsletter too.", "");
    let sticky = layer("Join our newsletter today", "Join");
    let footer = at(0.16, bottom, "Privacy policy, imprint, cookie settings", "");
    check(vec![
        ("the page itself", below(Layer { behind: 12, ..shell }), &[]),
        ("no answer", below(Layer { answers: Vec::new(), ..unanswerable }), &[]),
        ("a sticky form", below(Layer { float: Float::Sticky, fields: 1, ..sticky }), &[]),
        ("what isn't seen", below(at(0.0, all, "We use cookies on this site", "Accept")), &[]),
        ("a footer", below(Layer { links: 3, answers: Vec::new(), ..footer }), &[]),
    ]);
}

#[test]
fn what_a_page_waited_for_is_named() {
    let urls = |count| (0..count).map(|it| format!("https://a.example/{it}.jpg")).collect();
    let images = |wanted, pending| Scene {
        images: Images { wanted, pending: urls(pending), ..Images::default() },
        ..ordinary()
    };
    let detail = |is_cut_short, scene| {
        let sight = Sight { is_cut_short, document: Some(scene), ..Sight::default() };
        Verdict::of(&sight).findings.remove(0).detail
    };
    let image = "https://a.example/0.jpg";
    for (wanted, pending, said) in [
        (1, 1, format!("The image in view is still on its way: {image}")),
        (3, 1, format!("1 of 3 images in view is on its way: {image}")),
        (3, 2, format!("2 of 3 images in view are on their way, such as {image}")),
    ] {
        assert_eq!(detail(false, images(wanted, pending)), said);
    }
    let late = "Its time was up before the page was ready";
    assert_eq!(detail(true, ordinary()), late);
    assert_eq!(detail(true, images(1, 1)), format!("{late}; still on its way: {image}"));
}

#[test]
fn fonts_and_images_that_are_missing_are_named() {
    let urls = |count| (0..count).map(|it| format!("https://a.example/{it}.jpg")).collect();
    let images = |wanted, missing| Scene {
        images: Images { wanted, missing: urls(missing), ..Images::default() },
        ..ordinary()
    };
    let details = |scene| {
        let sight = Sight { document: Some(scene), ..Sight::default() };
        Verdict::of(&sight).findings.into_iter().map(|it| it.detail).collect::<Vec<_>>()
    };
    assert_eq!(details(images(5, 0)), [""; 0]);
    assert_eq!(
        details(images(1, 1)),
        ["The image in view couldn't be had: https://a.example/0.jpg"]
    );
    assert_eq!(
        details(images(5, 2)),
        ["2 of 5 images in view are missing, such as https://a.example/0.jpg"]
    );
    let missing = ["Inter", "Lora", "Icons", "More"].map(String::from).to_vec();
    let fonts = Fonts { missing, ..Fonts::default() };
    assert_eq!(
        details(Scene { fonts, ..ordinary() }),
        ["Text is set in fonts that couldn't be had: “Inter”, “Lora”, “Icons” and 1 more"]
    );
    let long = vec![format!("https://a.example/{}", "a".repeat(300))];
    let images = Images { wanted: 1, missing: long, ..Images::default() };
    assert_eq!(kinds(Scene { images, ..ordinary() }), [ImagesMissing]);
}

#[test]
fn the_grave_hide_what_follows_from_them() {
    let lacking = |scene: Scene| Scene {
        images: Images { wanted: 1, missing: vec![String::from("a")], ..Images::default() },
        fonts: Fonts { missing: vec![String::from("Inter")], ..Fonts::default() },
        layers: vec![layer("We use cookies to make this better.", "Accept all")],
        ..scene
    };
    let of = |scene, paint| {
        kinds_of(&Sight {
            document: Some(lacking(scene)),
            paint,
            is_cut_short: true,
            ..Sight::default()
        })
    };
    let gate = page("Just a moment...", "", "Enable JavaScript and cookies to continue");
    assert_eq!(of(gate, Paint::Uniform), [Challenge]);
    let error = page("Page not found", "Page not found", "");
    assert_eq!(of(error, Paint::Uniform), [ErrorPage, FontsMissing, ImagesMissing]);
    let blank = Scene { sure_letters: 0, ..ordinary() };
    assert_eq!(of(blank, Paint::Uniform), [Blank, Dialog, FontsMissing, ImagesMissing]);
    assert_eq!(of(ordinary(), Paint::Varied), [HalfLoaded, Dialog, FontsMissing, ImagesMissing]);
}

#[test]
fn a_summary_names_what_was_found() {
    assert_eq!(Verdict::default().summary(), "fine");
    let late = Sight { is_cut_short: true, status: Some(200), ..Sight::default() };
    assert_eq!(Verdict::of(&late).summary(), "half_loaded");
}
