//! `darkroom`, the operator's command: accounts, keys, quotas, jobs, and the key
//! that signs result URLs. It finds everything by the stack's outputs, on AWS or
//! on the local stack, and needs the operator's own AWS permissions.

mod accounts;
mod cli;
mod deployment;
mod jobs;
mod keys;
mod links;
mod output;
mod signer;
mod signer_plan;
mod signing;
mod stack;
mod webhooks;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use darkroom_core::account::{Limits, Opens};

use crate::cli::{
    AccountCommand, Cli, Command, JobCommand, KeyCommand, LimitsCommand, QuotaCommand,
    SignerCommand, SigningCommand, WebhookCommand,
};
use crate::deployment::Deployment;
use crate::output::Answer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli).await {
        Ok(answer) => {
            output::print(&answer, cli.json);
            ExitCode::SUCCESS
        }
        Err(fault) => {
            output::print_fault(&fault);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<Answer> {
    let deployment = Deployment::find(&cli.stack).await?;
    match &cli.command {
        Command::Account(command) => match command {
            AccountCommand::Create(new) => accounts::create(&deployment, new).await,
            AccountCommand::List => accounts::list(&deployment).await,
            AccountCommand::Revoke { account } => accounts::revoke(&deployment, account).await,
        },
        Command::Key(command) => match command {
            KeyCommand::Create { account, label, links_only } => {
                let opens = if *links_only { Opens::Links } else { Opens::Everything };
                keys::create(&deployment, account, label, opens).await
            }
            KeyCommand::List { account } => keys::list(&deployment, account).await,
            KeyCommand::Revoke { account, hash, force } => {
                keys::revoke(&deployment, account, hash, *force).await
            }
            KeyCommand::Promote { account } => signing::promote(&deployment, account).await,
        },
        Command::Signing(command) => match command {
            SigningCommand::Show { account } => signing::show(&deployment, account).await,
            SigningCommand::Rotate { account, force } => {
                signing::rotate(&deployment, account, *force).await
            }
            SigningCommand::Promote { account } => signing::promote(&deployment, account).await,
        },
        Command::Sign { account, url, expires_in } => {
            links::sign(&deployment, account, url, *expires_in).await
        }
        Command::Quota(QuotaCommand::Set { account, per_month }) => {
            accounts::set_quota(&deployment, account, *per_month).await
        }
        Command::Limits(LimitsCommand::Set { account, starts_per_minute, at_once }) => {
            let limits = Limits { starts_per_minute: *starts_per_minute, at_once: *at_once };
            accounts::set_limits(&deployment, account, limits).await
        }
        Command::Usage { account, period } => accounts::usage(&deployment, account, *period).await,
        Command::Job(command) => match command {
            JobCommand::Show { job } => jobs::show(&deployment, *job).await,
            JobCommand::List { account, limit, before } => {
                jobs::list(&deployment, account, *before, *limit).await
            }
            JobCommand::Retry { job } => webhooks::retry(&deployment, *job).await,
            JobCommand::RetryFailed { account, from, to } => {
                webhooks::retry_failed(&deployment, account, *from, *to).await
            }
        },
        Command::Webhook(WebhookCommand::Test { account, url, dialect }) => {
            webhooks::test(&deployment, account, url, *dialect).await
        }
        Command::Signer(SignerCommand::Rotate { force }) => {
            signer::rotate(&deployment, *force).await
        }
    }
}
