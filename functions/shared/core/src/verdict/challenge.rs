//! The host asks whether somebody is human, or refuses robots, instead of showing its page.
//!
//! Vendors' own pages are known by their own words together with few links and few letters, or by
//! what their scripts alone leave in a document. What anybody may put into a page of his own (a
//! widget) makes it a gate only where there is nothing else.

use super::words::{Phrases, parts};
use super::{Finding, FindingKind, Page};

/// The most letters and links of a page that is nothing but a challenge.
const MOST_LETTERS: u32 = 1_400;
const MOST_LINKS: u32 = 12;

/// The most letters beside what a vendor's script makes of the document.
const MARKED_LETTERS: u32 = 700;

/// Within so many letters says a page what it is.
const BEGINNING: usize = 500;

/// The most letters of a gate of nobody's make, around a widget.
const GATE_LETTERS: u32 = 450;

/// The same where one phrase is all that tells.
const TINY: u32 = 120;

/// The most words of a host's name in a title.
const LONGEST_NAME: usize = 3;

/// A vendor's page, known if all of `says` stand on it or `mark` is in it.
struct Gate {
    vendor: &'static str,
    /// As `marks.js` has it.
    mark: &'static str,
    /// Titles that are nothing but this.
    titles: Phrases,
    /// Words; all that are joined by a plus must be there.
    says: Phrases,
}

const GATES: &[Gate] = &[
    Gate {
        vendor: "Cloudflare",
        mark: "cloudflare",
        titles: Phrases(concat!(
            "attention required! | cloudflare; ",
            "access denied | cloudflare; ",
            "access denied | used cloudflare to restrict access",
        )),
        says: Phrases(concat!(
            "verify you are human by completing the action below; ",
            "needs to review the security of your connection before proceeding; ",
            "checking if the site connection is secure; ",
            "this website uses a security service to protect against malicious bots; ",
            "this website uses a security service to protect itself from online attacks; ",
            "performing security verification; ",
            "sorry, you have been blocked + you are unable to access; ",
            "the owner of this website + has banned; ",
            "access denied + error 1020; ",
            "you are being rate limited + error 1015; ",
            "error code: 1020; ",
            "error code 1020; ",
            "error code: 1015; ",
            "checking your browser before accessing + cloudflare; ",
            "bestätigen sie, dass sie ein mensch sind + ray-id; ",
            "überprüfen sie, ob sie ein mensch sind; ",
            "vérifiez que vous êtes humain en effectuant l'action ci-dessous; ",
            "verifique que usted es un ser humano; ",
            "verifica que eres un ser humano completando la acción a continuación; ",
            "以下のアクションを完了して、あなたが人間であることを確認; ",
            "请完成以下操作，验证您是真人",
        )),
    },
    Gate {
        vendor: "DataDome",
        mark: "datadome",
        titles: Phrases("you have been blocked | datadome; datadome captcha"),
        says: Phrases(concat!(
            "slide right to secure your access; ",
            "verification required + slide right; ",
            "we want to make sure it is actually you we are dealing with and not a robot; ",
            "please enable js and disable any ad blocker",
        )),
    },
    Gate {
        vendor: "HUMAN",
        mark: "human",
        titles: Phrases(concat!(
            "access to this page has been denied; ",
            "access to this page has been denied.; ",
            "human verification challenge",
        )),
        says: Phrases(concat!(
            "press & hold to confirm; ",
            "press and hold to confirm; ",
            "press & hold the button; ",
            "please press & hold; ",
            "hold the button to confirm; ",
            "access to this page has been denied because we believe you are using automation tools; ",
            "why have i been blocked? + reference id",
        )),
    },
    Gate {
        vendor: "Imperva",
        mark: "imperva",
        titles: Phrases("pardon our interruption; pardon our interruption..."),
        says: Phrases(concat!(
            "request unsuccessful + incapsula incident id; ",
            "incapsula incident id; ",
            "something about your browser made us think you + bot; ",
            "as you were browsing something about your browser made us think you; ",
            "super-human speed; ",
            "access denied + error code 15 + powered by imperva; ",
            "additional security check is required + imperva",
        )),
    },
    Gate {
        vendor: "Akamai",
        mark: "akamai",
        titles: Phrases(""),
        says: Phrases(concat!(
            "access denied + you don't have permission to access + reference #; ",
            "access denied + errors.edgesuite.net; ",
            "powered and protected by + akamai; ",
            "powered and protected by privacy",
        )),
    },
    Gate {
        vendor: "AWS WAF",
        mark: "aws-waf",
        titles: Phrases(""),
        says: Phrases(concat!(
            "let's confirm you are human; ",
            "we need to verify that you're not a robot; ",
            "complete the security check before continuing + human",
        )),
    },
    Gate {
        vendor: "Vercel",
        mark: "vercel",
        titles: Phrases("vercel security checkpoint"),
        says: Phrases(concat!(
            "we're verifying your browser; ",
            "failed to verify your browser; ",
            "vercel security checkpoint",
        )),
    },
    Gate { vendor: "Kasada", mark: "kasada", titles: Phrases(""), says: Phrases("") },
    Gate {
        vendor: "Sucuri",
        mark: "sucuri",
        titles: Phrases(concat!(
            "sucuri website firewall - access denied; ",
            "you are being redirected...",
        )),
        says: Phrases(concat!(
            "sucuri website firewall + access denied; ",
            "sucuri website firewall + blocked",
        )),
    },
    Gate {
        vendor: "DDoS-Guard",
        mark: "ddos-guard",
        titles: Phrases("ddos-guard"),
        says: Phrases("checking your browser before accessing; ddos protection by ddos-guard"),
    },
    Gate {
        vendor: "Google",
        mark: "",
        titles: Phrases(""),
        says: Phrases(concat!(
            "our systems have detected unusual traffic from your computer network; ",
            "unusual traffic from your computer network; ",
            "ungewöhnlichen datenverkehr aus ihrem computernetzwerk; ",
            "trafic exceptionnel provenant de votre réseau informatique; ",
            "tráfico inusual procedente de tu red; ",
            "お使いのコンピュータ ネットワークから通常と異なるトラフィック",
        )),
    },
    Gate {
        vendor: "Amazon",
        mark: "",
        titles: Phrases("robot check"),
        says: Phrases(concat!(
            "type the characters you see in this image; ",
            "enter the characters you see below + robot; ",
            "click the button below to continue shopping; ",
            "klicke auf die schaltfläche unten, um mit dem einkauf fortzufahren; ",
            "geben sie die zeichen + ein, die sie + bild; ",
            "geben sie die angezeigten zeichen; ",
            "saisissez les caractères que vous voyez; ",
            "introduce los caracteres que ves; ",
            "to discuss automated access to amazon data please contact",
        )),
    },
    Gate {
        vendor: "F5",
        mark: "",
        titles: Phrases(""),
        says: Phrases(concat!(
            "the requested url was rejected + support id; ",
            "please consult with your administrator + support id; ",
            "what code is in the image? + support id",
        )),
    },
    Gate {
        vendor: "Radware",
        mark: "",
        titles: Phrases("radware bot manager captcha; radware captcha page"),
        says: Phrases("your activity and behavior on this site made us think that you are a bot"),
    },
    Gate {
        vendor: "Wordfence",
        mark: "",
        titles: Phrases(""),
        says: Phrases(concat!(
            "your access to this site has been limited by the site owner; ",
            "your access to this service has been limited + wordfence",
        )),
    },
    Gate {
        vendor: "Anubis",
        mark: "anubis",
        titles: Phrases("making sure you're not a bot!"),
        says: Phrases("making sure you're not a bot! + anubis"),
    },
    Gate {
        vendor: "SiteGround",
        mark: "siteground",
        titles: Phrases("robot challenge screen"),
        says: Phrases("checking the site connection security"),
    },
    Gate {
        vendor: "Imunify360",
        mark: "",
        titles: Phrases(""),
        says: Phrases(concat!(
            "we have noticed an unusual activity from your ip + and blocked access; ",
            "please wait while your request is being verified; ",
            "bot-protection + imunify360",
        )),
    },
    Gate {
        vendor: "Fastly",
        mark: "",
        titles: Phrases("client challenge"),
        says: Phrases("checking your browser + fastly"),
    },
    Gate {
        vendor: "Yandex",
        mark: "",
        titles: Phrases("are you not a robot?; вы не робот?"),
        says: Phrases(concat!(
            "подтвердите, что запросы отправляли вы, а не робот; ",
            "confirm that you and not a robot are sending requests",
        )),
    },
    Gate { vendor: "Baidu", mark: "", titles: Phrases("百度安全验证"), says: Phrases("") },
    Gate {
        vendor: "Reddit",
        mark: "",
        titles: Phrases(""),
        says: Phrases("you've been blocked by network security; whoa there, pardner"),
    },
];

/// Titles of pages that do nothing but check, of whichever make.
const CHECKING: Phrases = Phrases(concat!(
    "just a moment...; just a moment…; one moment, please...; nur einen moment…; ",
    "nur einen moment...; un instant…; un instant...; un momento…; un momento...; ",
    "checking your browser; checking your browser...; checking your browser before accessing; ",
    "please wait... | cloudflare; ddos protection by cloudflare; security check; ",
    "security checkpoint; security verification; human verification; bot verification; captcha; ",
    "captcha required; are you a robot?; are you human?; verify you are human; ",
    "verifying you are human; verifying your browser; unusual traffic; robot or human?; ",
    "sicherheitsüberprüfung; sicherheitsabfrage; sicherheitsprüfung; vérification de sécurité; しばらくお待ちください...; 请稍候…; ",
    "安全验证; 人机验证; are you a human being?; are you a human?",
));

/// What gates of nobody's make say.
const GATE_WORDS: Phrases = Phrases(concat!(
    "are you a robot; are you human; you are not a robot; you're not a robot; i'm not a robot; ",
    "i am not a robot; i am human; you are a human; you're a human; you are human; you're human; ",
    "prove you are human; verify you are human; verify that you are human; ",
    "verify that you are not a robot; verify your identity to continue; confirm you are human; ",
    "not a bot; aren't a robot; aren't a bot; automated requests; automated access; ",
    "automated queries; automated traffic; unusual traffic; unusual activity; suspicious activity; ",
    "suspicious traffic; security check; security verification; security challenge; ",
    "complete the captcha; solve the captcha; solve this captcha; enter the characters; ",
    "enter the captcha; complete the challenge; kein roboter; sie ein mensch sind; ",
    "du ein mensch bist; sicherheitsüberprüfung; sicherheitsabfrage; sicherheitsprüfung; ",
    "ungewöhnliche aktivitäten; pas un robot; êtes humain; êtes un humain; ",
    "vérification de sécurité; activité inhabituelle; no eres un robot; no es un robot; ",
    "eres humano; verificación de seguridad; non sei un robot; sei umano; não é um robô; ",
    "não é um robot; geen robot; nie jesteś robotem; не робот; вы человек; ロボットではありません; ロボットでないこと; ",
    "人間であることを確認; 不是机器人; 人机验证; 安全验证; 验证码; 로봇이 아닙니다; are you a human; person or a script; ",
    "human or a robot; human or robot",
));

/// What a page says that refuses robots without asking anything.
const REFUSALS: Phrases = Phrases(concat!(
    "bots are not allowed; automated access is not allowed; ",
    "automated access to this site is not permitted; we have detected automated; ",
    "we've detected automated; your request has been identified as automated; ",
    "we believe you are using automation tools; made us think you were a bot; ",
    "made us think that you are a bot; looks like you're a bot; you have been blocked; ",
    "your ip address has been blocked; your ip has been blocked; blocked because of suspicious; ",
    "blocked by our security; blocked due to suspicious; flagged as a bot; request blocked by; ",
    "als bot erkannt; ihre ip-adresse wurde gesperrt",
));

pub(super) fn find(page: Page<'_>) -> Option<Finding> {
    let detail = vendor(page).or_else(|| gate(page)).or_else(|| refusal(page))?;
    Some(Finding::new(FindingKind::Challenge, &detail))
}

/// A page of a vendor whom we know.
fn vendor(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    if scene.letters > MOST_LETTERS || scene.links > MOST_LINKS {
        return None;
    }
    let beginning = said.beginning(BEGINNING);
    GATES.iter().find_map(|gate| {
        let is_marked =
            scene.letters <= MARKED_LETTERS && scene.marks.iter().any(|mark| mark == gate.mark);
        let says = |words: &&str| {
            let first = words.split(" + ").next();
            words.split(" + ").all(|phrase| said.words.contains(phrase))
                && first.is_some_and(|first| beginning.contains(first))
        };
        let by = if is_marked {
            String::from("the challenge in its document")
        } else if gate.titles.contain(&said.title) {
            format!("the title “{}”", said.title)
        } else {
            format!("the words “{}”", gate.says.iter().find(says)?.replace(" + ", "”, “"))
        };
        Some(format!("{} asks or refuses instead of the page, by {by}", gate.vendor))
    })
}

/// A page with little but a widget, or a title, that asks who somebody is.
fn gate(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    if scene.letters > GATE_LETTERS || scene.links > MOST_LINKS || scene.fields > 1 {
        return None;
    }
    let widget = scene.marks.iter().find_map(|mark| mark.strip_prefix("widget:"));
    let shown = scene.marks.iter().find_map(|mark| mark.strip_prefix("shown:"));
    let asks = GATE_WORDS.find_in(&said.words);
    let title = Some(&said.title).filter(|title| is_checking(title, LONGEST_NAME));
    let named = title.or_else(|| said.headlines.iter().find(|line| is_checking(line, 0)));
    let is_empty = scene.main_letters < 20 && scene.fields == 0 && scene.links <= 3;
    match (widget, asks, named) {
        (Some(widget), Some(words), _) => {
            Some(format!("The page is little more than {widget} and the words “{words}”"))
        }
        (Some(widget), None, Some(name)) => {
            Some(format!("The page is little more than {widget}, and called “{name}”"))
        }
        (Some(_), None, None) if is_empty => {
            shown.map(|widget| format!("The page shows nothing but {widget}"))
        }
        (None, Some(words), Some(name)) => {
            // Twice the same is no more than once.
            let says_more = !name.contains(words) || scene.letters < TINY;
            (says_more && scene.links <= 3)
                .then(|| format!("The page checks who asks, by the words “{words}”"))
        }
        (None, None, Some(name)) => {
            let goes_on = name.ends_with(['…', '.'])
                || ["checking", "verifying", "checkpoint"].iter().any(|it| name.contains(it));
            let is_short = said.words.contains("javascript") || scene.letters < TINY;
            (title == Some(name) && goes_on && is_short)
                .then(|| format!("The page checks who asks, by the title “{name}”"))
        }
        (_, None, None) | (None, Some(_), None) => None,
    }
}

/// Whether a title is nothing but what pages that check are called, and the name of a host,
/// which may have so many words.
fn is_checking(title: &str, longest_name: usize) -> bool {
    let of_title = parts(title);
    CHECKING.iter().any(|name| {
        let of_name = parts(name);
        let rest = of_title.strip_prefix(&*of_name).or_else(|| of_title.strip_suffix(&*of_name));
        let is_name = |rest: &[&str]| match rest {
            [] => true,
            [part] => part.split(' ').count() <= longest_name,
            [_, _, ..] => false,
        };
        rest.is_some_and(is_name)
    })
}

/// A short page that says that it has nothing for robots.
fn refusal(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    if scene.letters > GATE_LETTERS || scene.links > MOST_LINKS / 2 {
        return None;
    }
    let words = REFUSALS.find_in(&said.words)?;
    Some(format!("The host refuses robots, by the words “{words}”"))
}
