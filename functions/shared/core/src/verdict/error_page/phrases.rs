//! What error pages are called and say: those of servers and frameworks as these have them, and
//! what hosts write in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
//! Russian, Ukrainian, Swedish, Danish, Norwegian, Finnish, Czech, Hungarian, Turkish, Greek,
//! Indonesian, Japanese, Chinese and Korean.

use super::super::words::Phrases;

/// What says nothing at all beside the name of an error.
pub(super) const NEUTRAL: Phrases = Phrases("http; https; status; code; the; page; -; exception");

/// What says only that something is an error, beside its name.
pub(super) const FILLERS: Phrases = Phrases(concat!(
    "error; errors; oops; sorry; ooops; whoops; uh-oh; uh; oh; hmm; err; fehler; fehlercode; ",
    "erreur; errore; erro; fout; błąd; ошибка; fel; fejl; feil; virhe; chyba; hiba; hata; σφάλμα; ",
    "kesalahan; помилка; hoppla; ups; oups; ops; upps; エラー; 错误; 錯誤; 오류; we're sorry; we are sorry; ",
    "we're very sorry; i'm sorry; oh no; uh oh; tut uns leid; es tut uns leid; entschuldigung; ",
    "désolé; nous sommes désolés; lo sentimos; perdón; siamo spiacenti; spiacenti; desculpe; ",
    "przepraszamy; извините; 申し訳ございません; 申し訳ありません; 抱歉; 很抱歉; 죄송합니다",
));

/// What errors are called, without their status.
pub(super) const NAMES: Phrases = Phrases(concat!(
    // Statuses as the standard has them (RFC 9110), and as servers write them.
    "401 authorization required; authorization required; method not allowed; request timeout; ",
    "request time-out; too many requests; internal server error; bad gateway; service unavailable; ",
    "service temporarily unavailable; gateway timeout; gateway time-out; resource not found; ",
    "file or directory not found; url not found; server error; application error; unexpected error; ",
    "unexpected application error; an error occurred; an error has occurred; ",
    "an unexpected error occurred; an unexpected error has occurred; ",
    "we're sorry, but something went wrong; sorry something went wrong; ",
    "request header or cookie too large; backend fetch failed; no healthy upstream; ",
    "web server is down; origin is unreachable; host error; ",
    "web server is returning an unknown error; ssl handshake failed; invalid ssl certificate; ",
    "origin dns error; bad request - invalid hostname; invalid url; page expired; site not found; ",
    "no such app; deployment not found; the request could not be satisfied; ",
    // Kept apart by marks that split names: «404: NOT_FOUND».
    "page not found; page can't be found; page cannot be found; page could not be found; ",
    "page couldn't be found; page doesn't exist; page does not exist; page no longer exists; ",
    "that page can't be found; this page can't be found; this page could not be found; ",
    "this page cannot be found; this page isn't available; this page is not available; ",
    "page unavailable; page not available; page is missing; page missing; missing page; ",
    "the page you requested was not found; we can't find that page; we couldn't find that page; ",
    "we couldn't find this page; we can't find this page; can't find that page; ",
    "we can't find the page you're looking for; we couldn't find the page you're looking for; ",
    "we can't seem to find the page you're looking for; the page you're looking for can't be found; ",
    "the page you're looking for doesn't exist; the page you are looking for doesn't exist; ",
    "the page you were looking for doesn't exist; this page doesn't exist; ",
    "this page does not exist; this page no longer exists; the page cannot be found; ",
    "the page can't be found; the page could not be found; content not found; item not found; ",
    "article not found; listing not found; file not found; profile not found; ",
    // What hosts that are being mended say.
    "under maintenance; site under maintenance; website under maintenance; down for maintenance; ",
    "we're down for maintenance; we are down for maintenance; currently under maintenance; ",
    "site is under maintenance; we are under maintenance; we're under maintenance; ",
    "closed for maintenance; offline for maintenance; temporarily down for maintenance; ",
    "scheduled maintenance in progress; temporarily offline; site offline; ",
    "site temporarily unavailable; this site is temporarily unavailable; ",
    "website temporarily unavailable; this site is currently unavailable; ",
    "temporarily closed for maintenance; ",
    // German
    "seite nicht gefunden; die seite wurde nicht gefunden; diese seite wurde nicht gefunden; ",
    "seite wurde nicht gefunden; seite konnte nicht gefunden werden; ",
    "die seite konnte nicht gefunden werden; diese seite konnte nicht gefunden werden; ",
    "diese seite existiert nicht; die seite existiert nicht; diese seite gibt es nicht; ",
    "diese seite gibt es nicht mehr; diese seite existiert leider nicht; ",
    "die angeforderte seite wurde nicht gefunden; die gewünschte seite wurde nicht gefunden; ",
    "interner serverfehler; interner fehler; serverfehler; dienst nicht verfügbar; ",
    "service nicht verfügbar; seite nicht verfügbar; zugriff nicht gestattet; ",
    "objekt nicht gefunden; ein fehler ist aufgetreten; es ist ein fehler aufgetreten; ",
    "wegen wartungsarbeiten geschlossen; vorübergehend nicht erreichbar; technische störung; ",
    // French
    "page introuvable; page non trouvée; page inexistante; cette page n'existe pas; ",
    "cette page n'existe plus; la page n'existe pas; la page demandée n'existe pas; ",
    "la page demandée est introuvable; cette page est introuvable; page indisponible; ",
    "erreur interne du serveur; erreur interne; erreur serveur; service indisponible; ",
    "service temporairement indisponible; une erreur est survenue; une erreur s'est produite; ",
    "site en maintenance; maintenance en cours; en maintenance; site en cours de maintenance; ",
    // Spanish
    "página no encontrada; pagina no encontrada; no se encontró la página; ",
    "no se ha encontrado la página; no encontramos la página; la página no existe; ",
    "esta página no existe; página no disponible; error interno del servidor; error interno; ",
    "error del servidor; servicio no disponible; ha ocurrido un error; se ha producido un error; ",
    "sitio en mantenimiento; en mantenimiento; página en mantenimiento; estamos en mantenimiento; ",
    // Italian
    "pagina non trovata; la pagina non esiste; questa pagina non esiste; pagina non disponibile; ",
    "pagina inesistente; errore interno del server; errore del server; servizio non disponibile; ",
    "si è verificato un errore; sito in manutenzione; in manutenzione; ",
    // Portuguese
    "página não encontrada; pagina não encontrada; a página não existe; esta página não existe; ",
    "página não disponível; página indisponível; erro interno do servidor; erro interno; ",
    "serviço indisponível; ocorreu um erro; site em manutenção; em manutenção; ",
    // Dutch
    "pagina niet gevonden; deze pagina bestaat niet; de pagina is niet gevonden; ",
    "deze pagina is niet gevonden; deze pagina bestaat niet meer; interne serverfout; ",
    "dienst niet beschikbaar; er is een fout opgetreden; in onderhoud; ",
    // Polish, Czech, Hungarian
    "nie znaleziono strony; strona nie została znaleziona; strona nie istnieje; ",
    "ta strona nie istnieje; wewnętrzny błąd serwera; usługa niedostępna; wystąpił błąd; ",
    "stránka nenalezena; stránka nebyla nalezena; stránka neexistuje; chyba serveru; ",
    "přístup odepřen; az oldal nem található; a keresett oldal nem található; ",
    // Russian, Ukrainian, Greek, Turkish
    "страница не найдена; страницы не существует; такой страницы не существует; такой страницы нет; ",
    "страница не существует; внутренняя ошибка сервера; ошибка сервера; сервис недоступен; ",
    "сервис временно недоступен; сайт временно недоступен; произошла ошибка; ",
    "ведутся технические работы; сторінку не знайдено; η σελίδα δεν βρέθηκε; sayfa bulunamadı; ",
    "aradığınız sayfa bulunamadı; sunucu hatası; erişim engellendi; bir hata oluştu; ",
    "bakım çalışması; ",
    // Swedish, Danish, Norwegian, Finnish
    "sidan hittades inte; sidan kunde inte hittas; sidan finns inte; sidan saknas; åtkomst nekad; ",
    "siden blev ikke fundet; siden findes ikke; siden kunne ikke findes; siden finnes ikke; ",
    "fant ikke siden; siden ble ikke funnet; sivua ei löytynyt; sivua ei löydy; ",
    // Indonesian
    "halaman tidak ditemukan; terjadi kesalahan; ",
    // Japanese, Chinese, Korean
    "ページが見つかりません; ページが見つかりませんでした; お探しのページは見つかりませんでした; お探しのページが見つかりません; お探しのページが見つかりませんでした; ",
    "お探しのページは存在しません; お探しのページは見つかりません; ページが存在しません; 指定されたページが見つかりません; 指定されたページは存在しません; 内部サーバーエラー; ",
    "サーバーエラー; サーバエラー; システムエラー; エラーが発生しました; アクセスが拒否されました; アクセス権限がありません; サービス利用不可; サービスを利用できません; ",
    "メンテナンス中; ただいまメンテナンス中です; メンテナンス中です; 只今メンテナンス中です; 页面不存在; 找不到页面; 页面未找到; 未找到页面; 您访问的页面不存在; ",
    "抱歉 您访问的页面不存在; 你访问的页面不存在; 服务器错误; 服务器内部错误; 内部服务器错误; 服务不可用; 拒绝访问; 访问被拒绝; 系统维护中; 网站维护中; 系统维护; ",
    "找不到網頁; 頁面不存在; 找不到頁面; 無法找到頁面; 伺服器錯誤; 페이지를 찾을 수 없습니다; 요청하신 페이지를 찾을 수 없습니다; 존재하지 않는 페이지입니다; ",
    "서버 오류; 내부 서버 오류; 접근이 거부되었습니다; 점검 중; 시스템 점검; 서비스 점검 중입니다; but something went wrong",
));

/// The same of what other things are called too: songs, services, notes on a board. They need a
/// second word for it.
pub(super) const AMBIGUOUS: Phrases = Phrases(concat!(
    "forbidden; not found; gone; unauthorized; payment required; not acceptable; access denied; ",
    "access forbidden; permission denied; not authorized; temporarily unavailable; not implemented; ",
    "connection timed out; guru meditation; nicht gefunden; non trouvé; no encontrado; ",
    "não encontrado; nie znaleziono; 見つかりません; zugriff verweigert; accès refusé; accès interdit; ",
    "acceso denegado; accesso negato; acesso negado; toegang geweigerd; odmowa dostępu; ",
    "доступ запрещен; доступ запрещён; something went wrong; something has gone wrong; ",
    "etwas ist schiefgelaufen; etwas ist schief gelaufen; da ist etwas schiefgelaufen; ",
    "algo salió mal; algo ha salido mal; qualcosa è andato storto; algo deu errado; ",
    "algo correu mal; er ging iets mis; er is iets misgegaan; coś poszło nie tak; ",
    "что-то пошло не так; något gick fel; noget gik galt; noe gikk galt; jokin meni pieleen; ",
    "be right back; we'll be back soon; we will be back soon; we'll be back shortly; ",
    "we'll be right back; volvemos pronto; volveremos pronto; voltamos em breve; ",
    "nous revenons bientôt; wir sind bald wieder da; wir sind gleich zurück; we zijn zo terug; ",
    "derzeit nicht verfügbar; технические работы; メンテナンスのお知らせ; maintenance mode; site maintenance; ",
    "internal error; bad request; object not found; wartungsarbeiten; wartungsmodus; ",
    "przerwa techniczna; nothing here; there's nothing here; are you lost; you're lost",
));

/// What error pages say, in a sentence or a part of one.
pub(super) const SENTENCES: Phrases = Phrases(concat!(
    "the requested url was not found; was not found on this server; page you are looking for; ",
    "page you're looking for; page you were looking for; page you requested; ",
    "page you have requested; has been moved or deleted; encountered an internal error; ",
    "internal server error; unable to complete your request; could not complete your request; ",
    "cannot process your request; can't process your request; ",
    "the server returned an invalid or incomplete response; ",
    "upstream connect error or disconnect/reset before headers; no healthy upstream; ",
    "default backend - 404; cannot get /; cannot post /; error establishing a database connection; ",
    "there has been a critical error on this website; the website encountered an unexpected error; ",
    "application error: a client-side exception has occurred; ",
    "application error: a server-side exception has occurred; ",
    "an error occurred in the application and your page could not be served; that's an error; ",
    "that's all we know; this web app is stopped; briefly unavailable for scheduled maintenance; ",
    "undergoing maintenance; undergoing scheduled maintenance; down for maintenance; ",
    "performing maintenance; there isn't a github pages site here; you've followed a broken link; ",
    "nosuchkey; nosuchbucket; the specified key does not exist; ",
    "the specified bucket does not exist; server is temporarily unable to service your request; ",
    "the server is temporarily busy; we have been notified; our team has been notified; ",
    "you don't have permission to access; sorry, an error has occurred; ",
    "an error occurred while processing your request; this site can't be reached; ",
    "this shop is currently unavailable; this store is unavailable; ",
    "this account has been suspended; account suspended; website expired; ",
    "website is no longer available; the resource requested could not be found; ",
    "deployment_not_found; the deployment could not be found; seite nicht gefunden; ",
    "fehler ist aufgetreten; page introuvable; erreur est survenue; erreur s'est produite; ",
    "en cours de maintenance; página no encontrada; ha ocurrido un error; ",
    "si è verificato un errore; ocorreu um erro; エラーが発生しました; メンテナンス中; メンテナンスを実施; ",
    "an unexpected error has occurred; an unexpected error occurred; unerwarteter fehler; ",
    "erreur inattendue; error inesperado; errore imprevisto; 予期しないエラー",
));

/// What they say too, as other pages do: it tells only together with something else.
pub(super) const HINTS: Phrases = Phrases(concat!(
    "could not be found; couldn't be found; cannot be found; can't be found; doesn't exist; ",
    "does not exist; no longer exists; no longer available; may have been moved; ",
    "might have been removed; please try again later; try again in a few minutes; ",
    "we're working on it; something went wrong; you do not have permission; you are not authorized; ",
    "requested page; page not found; scheduled maintenance; the requested resource; ",
    "resource cannot be found; broken link; under maintenance; wurde nicht gefunden; ",
    "nicht gefunden werden; existiert nicht; gibt es nicht mehr; nicht mehr verfügbar; ",
    "versuchen sie es später; wartungsarbeiten; derzeit nicht erreichbar; ",
    "vorübergehend nicht erreichbar; est introuvable; n'existe pas; n'existe plus; ",
    "réessayer plus tard; en maintenance; momentanément indisponible; temporairement indisponible; ",
    "no existe; no se ha encontrado; no se encuentra; no se pudo encontrar; inténtelo más tarde; ",
    "inténtalo más tarde; en mantenimiento; non esiste; non è stata trovata; riprova più tardi; ",
    "in manutenzione; não existe; não foi encontrada; tente novamente mais tarde; em manutenção; ",
    "bestaat niet; niet gevonden; probeer het later; nie istnieje; nie została znaleziona; ",
    "spróbuj ponownie później; не найдена; не существует; попробуйте позже; технические работы; ",
    "finns inte; findes ikke; finnes ikke; ei löytynyt; nebyla nalezena; nem található; bulunamadı; ",
    "tidak ditemukan; 見つかりませんでした; 見つかりません; 存在しません; しばらくしてから; 削除された可能性; 移動または削除; 不存在; 找不到; 未找到; ",
    "已被删除; 稍后再试; 찾을 수 없습니다; 존재하지 않; 잠시 후 다시; find the page; find that page; find this page; ",
    "sorry for the inconvenience; apologize for the inconvenience; apologise for the inconvenience; ",
    "back to home; return home; go back home; back to homepage; return to homepage; go to homepage; ",
    "take me home; zur startseite; retour à l'accueil; volver al inicio; torna alla home; トップページへ; ",
    "返回首页; reload the page; reload page; refresh the page; try reloading; seite neu laden",
));

/// What is said on pages that sell what is called like an error.
pub(super) const SALES: Phrases = Phrases(concat!(
    "add to cart; add to basket; add to bag; buy now; in stock; in den warenkorb; auf lager; ",
    "ajouter au panier; en stock; añadir al carrito; agregar al carrito; añadir a la cesta; ",
    "aggiungi al carrello; adicionar ao carrinho; in winkelwagen; dodaj do koszyka; в корзину; ",
    "カートに入れる; 加入购物车; 장바구니; listen on; pre-order; tracklist; release date",
));

/// What is said on pages about errors.
pub(super) const ABOUT: Phrases = Phrases(concat!(
    "status code; status codes; response code; http status; error pages; 404 pages; 404 errors; ",
    "error messages; error handling; statuscode; statuscodes; fehlerseiten; fehlermeldungen; ",
    "code de statut; código de estado; codice di stato; ステータスコード; 状态码",
));

/// What pages of frameworks and servers are called, or begin with.
pub(super) const CRASHES: Phrases = Phrases(concat!(
    // ASP.NET, IIS
    "server error in '/; http error 404.0 - not found; http error 403.14 - forbidden; ",
    "http error 500.19 - internal server error; http error 500.30; http error 502.5; ",
    "http error 503. the service is unavailable; iis detailed error; ",
    "an unhandled exception occurred while processing the request; ",
    // Tomcat, Spring
    "http status 404; http status 500; whitelabel error page; ",
    // Django, Flask
    "werkzeug debugger; disallowedhost at /; page not found at /; templatedoesnotexist at; ",
    "operationalerror at /; programmingerror at /; attributeerror at /; keyerror at /; ",
    "typeerror at /; valueerror at /; nameerror at /; importerror at /; doesnotexist at /; ",
    "improperlyconfigured at /; server error (500); ",
    // Laravel, Symfony, WordPress
    "symfony exception; whoops, looks like something went wrong; whoops! there was an error; ",
    "error establishing a database connection; there has been a critical error on this website; ",
    // Rails, Passenger
    "action controller: exception caught; web application could not be started; ",
    // Next.js, React, Express
    "unhandled runtime error; application error: a client-side exception has occurred; ",
    "application error: a server-side exception has occurred; unexpected application error; ",
    "uncaught runtime errors; cannot get /; ",
    // Servers in between: Envoy, HAProxy, Varnish, CloudFront
    "upstream connect error or disconnect/reset before headers; error 503 backend fetch failed; ",
    "the request could not be satisfied; no server is available to handle this request",
));

/// How traces begin, by language; people ask and write about them too.
pub(super) const TRACES: Phrases = Phrases(concat!(
    // Python, Java
    "traceback (most recent call last); exception in thread; java.lang.; org.springframework.; ",
    "javax.servlet.; jakarta.servlet.; ",
    // PHP
    "fatal error: uncaught; fatal error: allowed memory size; fatal error: call to undefined; ",
    "parse error: syntax error; warning: mysqli_connect(); uncaught pdoexception; ",
    "illuminate\\database\\queryexception; sqlstate[; ",
    // Ruby, JavaScript, Go, .NET
    "actioncontroller::; activerecord::; nomethoderror in; routing error; referenceerror:; ",
    "typeerror: cannot read; error: cannot find module; goroutine 1 [running]; ",
    "panic: runtime error; system.nullreferenceexception; unhandled exception:",
));

/// What stands in traces.
pub(super) const IN_TRACES: Phrases =
    Phrases("on line; line 1; stack trace; .py; .java:; .php; .rb:; .go:; .js:; node_modules");
