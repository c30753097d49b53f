//! How long a request was at what.

use std::time::Duration;

use super::recording::{Cache, Exchange, Timing, seconds};

/// What a request goes through, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// It waits in the browser.
    Blocked,
    /// Its host's name is looked up.
    Dns,
    /// A connection is made.
    Connect,
    /// TLS is agreed upon.
    Ssl,
    /// It is sent.
    Send,
    /// Its host thinks.
    Wait,
    /// The answer comes.
    Receive,
}

impl Phase {
    /// In a word, as HTTP Archives have it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Ssl => "ssl",
            Self::Send => "send",
            Self::Wait => "wait",
            Self::Receive => "receive",
        }
    }
}

/// How long each phase took; none of those that a request didn't go through.
pub(super) type Phases = [(Phase, Option<Duration>); 7];

impl Exchange {
    /// How long it took, until `latest` if it hasn't ended.
    pub(super) fn time(&self, latest: Duration) -> Duration {
        self.ended.unwrap_or(latest).saturating_sub(self.at)
    }

    /// How long each phase took: together its whole time. TLS isn't a part of
    /// connecting here.
    pub(super) fn phases(&self, latest: Duration) -> Phases {
        let time = self.time(latest);
        let mut before = Duration::ZERO;
        self.ends(time).map(|(phase, end)| {
            let span = end.map(|end| {
                let end = end.min(time).max(before);
                let span = end - before;
                before = end;
                span
            });
            (phase, span)
        })
    }

    /// When each phase ended, since the request was made.
    fn ends(&self, time: Duration) -> Phases {
        let Some(answer) = &self.answer else {
            // Nothing more is told of one that wasn't answered.
            let blocked = if self.is_sent { Duration::ZERO } else { time };
            return phases([Some(blocked), None, None, None], [blocked, time, time]);
        };
        let answered = answer.at.saturating_sub(self.at);
        // What a store tells is when the answer was got that it holds.
        let timing = answer.timing.as_ref().filter(|_| self.cache != Some(Cache::Memory));
        let Some(timing) = timing else {
            return phases([None; 4], [Duration::ZERO, answered, time]);
        };
        let since = |ms| timing.since(self.at, ms);
        let blocked = [timing.dns_start, timing.connect_start, timing.send_start];
        let blocked = blocked.into_iter().find_map(since);
        let (connected, agreed) = match (since(timing.connect_end), since(timing.ssl_start)) {
            (Some(connected), Some(begun)) => (Some(begun), Some(connected)),
            (connected, _) => (connected, None),
        };
        let sent = since(timing.send_end).unwrap_or_default();
        let waited = since(timing.receive_headers_end).filter(|end| *end > sent);
        phases(
            [blocked, since(timing.dns_end), connected, agreed],
            [sent, waited.unwrap_or(answered), time],
        )
    }
}

fn phases(
    [blocked, dns, connect, ssl]: [Option<Duration>; 4],
    [send, wait, receive]: [Duration; 3],
) -> Phases {
    [
        (Phase::Blocked, blocked),
        (Phase::Dns, dns),
        (Phase::Connect, connect),
        (Phase::Ssl, ssl),
        (Phase::Send, Some(send)),
        (Phase::Wait, Some(wait)),
        (Phase::Receive, Some(receive)),
    ]
}

impl Timing {
    /// How long after `at` a moment was; none if it wasn't.
    fn since(&self, at: Duration, ms: f64) -> Option<Duration> {
        let moment = seconds(self.request_time + ms / 1_000.0);
        (ms >= 0.0).then(|| moment.saturating_sub(at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::recording::Answer;
    use super::*;

    const AT: Duration = Duration::from_secs(100);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn exchange(timing: Option<Timing>) -> Exchange {
        let answer = Answer { at: AT + ms(70), timing, ..Answer::default() };
        Exchange { at: AT, ended: Some(AT + ms(90)), answer: Some(answer), ..Exchange::default() }
    }

    /// The request begun after 5 ms.
    fn full() -> Timing {
        Timing {
            request_time: 100.005,
            dns_start: 1.0,
            dns_end: 4.0,
            connect_start: 4.0,
            connect_end: 24.0,
            ssl_start: 10.0,
            ssl_end: 24.0,
            send_start: 25.0,
            send_end: 26.0,
            receive_headers_end: 60.0,
        }
    }

    fn spans(exchange: &Exchange) -> Vec<i128> {
        let phases = exchange.phases(AT + ms(200));
        let sum: Duration = phases.iter().filter_map(|(_, span)| *span).sum();
        assert_eq!(sum, exchange.time(AT + ms(200)));
        let span = |span: Option<Duration>| span.map_or(-1, |span| span.as_millis().cast_signed());
        phases.iter().map(|(_, it)| span(*it)).collect()
    }

    #[test]
    fn each_phase_has_its_time_and_together_they_have_all_of_it() {
        assert_eq!(spans(&exchange(Some(full()))), [6, 3, 6, 14, 2, 34, 25]);
        let plain = Timing { ssl_start: -1.0, ssl_end: -1.0, ..full() };
        assert_eq!(spans(&exchange(Some(plain))), [6, 3, 20, -1, 2, 34, 25]);
        let [dns_start, dns_end, connect_start, connect_end, ssl_start, ssl_end] = [-1.0; 6];
        let reused =
            Timing { dns_start, dns_end, connect_start, connect_end, ssl_start, ssl_end, ..full() };
        assert_eq!(spans(&exchange(Some(reused))), [30, -1, -1, -1, 1, 34, 25]);
        assert_eq!(spans(&exchange(None)), [-1, -1, -1, -1, 0, 70, 20]);
    }

    #[test]
    fn what_is_told_of_an_answer_in_a_store_is_of_another_request() {
        let stored = Exchange { cache: Some(Cache::Memory), ..exchange(Some(full())) };
        assert_eq!(spans(&stored), [-1, -1, -1, -1, 0, 70, 20]);
    }

    #[test]
    fn one_without_an_answer_waits_in_the_browser_or_for_its_host() {
        let unanswered = || Exchange { answer: None, ..exchange(None) };
        assert_eq!(spans(&unanswered()), [90, -1, -1, -1, 0, 0, 0]);
        assert_eq!(spans(&Exchange { is_sent: true, ..unanswered() }), [0, -1, -1, -1, 0, 90, 0]);
        let pending = Exchange { is_sent: true, ended: None, ..unanswered() };
        assert_eq!(spans(&pending), [0, -1, -1, -1, 0, 200, 0]);
    }

    #[test]
    fn no_phase_is_longer_than_the_whole() {
        // While a page's clock stands still, its network goes on.
        let late = Timing { request_time: 100.05, ..full() };
        assert_eq!(spans(&exchange(Some(late))), [51, 3, 6, 14, 2, 14, 0]);
        let early = Timing { request_time: 50.0, ..full() };
        assert_eq!(spans(&exchange(Some(early))), [0, 0, 0, 0, 0, 70, 20]);
    }
}
