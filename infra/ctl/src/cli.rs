//! The words of the command line.

use std::num::NonZeroU32;

use clap::{Args, Parser, Subcommand, ValueEnum};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::time::{Period, Timestamp};

/// Runs a deployment of Darkroom: accounts, keys, quotas, jobs.
///
/// It reads AWS's usual settings (`AWS_PROFILE`, `AWS_REGION`, credentials) and finds
/// the deployment by the outputs of its CloudFormation stack. For the local stack:
/// `source .local/env`. Credentials of AWS's single sign-on are handed over with
/// `eval "$(aws configure export-credentials --format env)"`.
#[derive(Debug, Parser)]
#[command(name = "darkroom", arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Answer in JSON instead of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// The deployment's CloudFormation stack.
    #[arg(long, global = true, value_name = "NAME", default_value = "darkroom")]
    #[arg(env = "DARKROOM_STACK")]
    pub(crate) stack: String,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Who may capture.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Access keys: what clients send.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Signing keys: what webhooks and links are signed with.
    #[command(subcommand)]
    Signing(SigningCommand),
    /// Sign a link: a capture by GET that needs no secret.
    Sign {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// The link, with its `access_key`.
        url: String,
        /// Seconds until it ends, 900 at most; for ScreenNabster's API alone, whose links have to end.
        #[arg(long, default_value_t = 840, value_parser = clap::value_parser!(u16).range(1..=900))]
        expires_in: u16,
    },
    /// How much an account may capture.
    #[command(subcommand)]
    Quota(QuotaCommand),
    /// How fast an account may capture.
    #[command(subcommand)]
    Limits(LimitsCommand),
    /// How much an account has captured in a month.
    Usage {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// The month in UTC, such as 2026-11; this month unless given.
        #[arg(long, value_parser = period)]
        period: Option<Period>,
    },
    /// Captures that were asked for.
    #[command(subcommand)]
    Job(JobCommand),
    /// What receivers get.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// The AWS key that signs result URLs.
    #[command(subcommand)]
    Signer(SignerCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account, with an access key and a signing key. The access key is
    /// shown this once.
    Create(NewAccount),
    /// List every account, revoked ones too.
    List,
    /// Take all access keys of an account away, for good. What it has asked for is
    /// still captured and announced.
    Revoke {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
    },
}

#[derive(Debug, Args)]
pub(crate) struct NewAccount {
    /// What you call it.
    #[arg(long)]
    pub(crate) name: String,
    /// Captures that may be charged in a calendar month (UTC).
    #[arg(long, value_name = "CAPTURES", default_value_t = 1_000)]
    pub(crate) quota: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make another access key, to change over to, or for links. It is shown this once.
    Create {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// What you call it.
        #[arg(long, default_value = "")]
        label: String,
        /// It opens signed links alone, and may stand in a page.
        #[arg(long)]
        links_only: bool,
    },
    /// List an account's access keys, by their hashes.
    List {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
    },
    /// Take an access key away. It stops opening within a minute.
    Revoke {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// The beginning of the key's hash, as `key list` shows it: 6 hex digits or more.
        hash: String,
        /// Even if it is the account's last key.
        #[arg(long)]
        force: bool,
    },
    /// Same as `signing promote`.
    Promote {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SigningCommand {
    /// Show an account's signing keys.
    Show {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
    },
    /// Make a new signing key. For 24 hours the old one signs too, and keeps the
    /// single signature header until then or until `signing promote`.
    Rotate {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// Even if the last rotation hasn't ended: its old key is forgotten at once.
        #[arg(long)]
        force: bool,
    },
    /// Put the newest signing key into the single signature header now.
    Promote {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// Change what an account may capture in a month. It counts within a minute.
    Set {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// Captures that may be charged in a calendar month (UTC).
        #[arg(value_name = "CAPTURES")]
        per_month: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LimitsCommand {
    /// Change how fast an account may capture: what isn't given isn't limited. It counts
    /// within a minute.
    Set {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// Captures that may be asked for in one minute by the clock.
        #[arg(long, value_name = "CAPTURES", value_parser = limit)]
        starts_per_minute: Option<NonZeroU32>,
        /// Captures that may be under way at once.
        #[arg(long, value_name = "CAPTURES", value_parser = limit)]
        at_once: Option<NonZeroU32>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Capture a page of Darkroom's own, only to see its webhook arrive. It is charged to the
    /// account, and signed with its key.
    Test {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// Where it is posted.
        url: String,
        /// In whose words.
        #[arg(long, value_enum, default_value_t = Words::Nodium)]
        dialect: Words,
    },
}

/// A public API, as the command line names it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Words {
    /// Nodium's.
    Nodium,
    /// ScreenNabster's.
    #[value(name = "screennabster")]
    ScreenNabster,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// Show a job, its delivery and every attempt.
    Show {
        /// The job's id, as a number or as a UUID.
        #[arg(value_parser = job)]
        job: JobId,
    },
    /// List an account's jobs, the newest first.
    List {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// How many, 255 at most.
        #[arg(long, default_value_t = 20)]
        limit: u8,
        /// Only jobs older than this one: the last of the page before.
        #[arg(long, value_name = "JOB", value_parser = job)]
        before: Option<JobId>,
    },
    /// Send a job's webhook once more, whatever became of its attempts.
    Retry {
        /// The job's id, as a number or as a UUID.
        #[arg(value_parser = job)]
        job: JobId,
    },
    /// Send once more every webhook of an account that failed for good.
    RetryFailed {
        /// The account's id.
        #[arg(value_parser = account)]
        account: AccountId,
        /// Of jobs that were accepted at this time or later, as RFC 3339 spells it.
        #[arg(long, value_parser = instant)]
        from: Timestamp,
        /// And before this time.
        #[arg(long, value_parser = instant)]
        to: Timestamp,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignerCommand {
    /// Make a new key for the IAM user that signs result URLs. The old key stays
    /// active, so that the URLs it signed go on working; the next rotation deletes it.
    Rotate {
        /// Even if URLs that the deleted key signed still live: they stop working.
        #[arg(long)]
        force: bool,
    },
}

fn limit(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_wrong| {
        String::from("a limit is a whole number from 1; leave it out for no limit")
    })
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| {
        "an account's id looks like acct_0123456789abcdef0123; `darkroom account list` shows them"
            .to_owned()
    })
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text)
        .ok_or_else(|| "a time is spelt as RFC 3339 has it: 2026-04-11T15:04:00Z".to_owned())
}

fn job(text: &str) -> Result<JobId, String> {
    JobId::parse_decimal(text).or_else(|| JobId::parse_uuid(text)).ok_or_else(|| {
        "a job's id is the number that Nodium calls reference, or the UUID that ScreenNabster calls job_id"
            .to_owned()
    })
}

fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).ok_or_else(|| "a month is written like 2026-11".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_job_is_named_in_either_spelling() {
        let id = JobId::parse_decimal("8472910").unwrap();
        for spelling in ["8472910", &id.to_uuid()] {
            assert_eq!(job(spelling), Ok(id));
        }
        assert!(job("550e8400-e29b-41d4-a716-446655440000").is_err());
    }

    #[test]
    fn settings_may_stand_behind_the_command() {
        let cli =
            Cli::try_parse_from(["darkroom", "account", "list", "--json", "--stack", "other"]);
        let cli = cli.unwrap();
        assert!(cli.json);
        assert_eq!(cli.stack, "other");
    }
}
