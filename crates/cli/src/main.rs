//! The `candor` command: wires the roles together, reads the edge, prints the answers.

mod commands;
mod config;
mod context;
mod edge;
mod failure;
mod reference;

use std::path::PathBuf;
use std::process::ExitCode;

use candor_conversation::Timestamp;
use clap::{Parser, Subcommand};

use crate::commands::{
    breach, config as config_command, consent, deid, export, forget, gateway, import, init, keys, log,
    notice, policy, portal, probe, proof, quickstart, release, request, sample, serve, subject, train,
    witness,
};
use crate::context::{Context, OutputFormat};
use crate::failure::AnswerIsNo;

/// Turns conversations into training data: only what each person agreed to, with what identifies them removed,
/// and with a proof that anyone can check.
///
/// First time? `candor quickstart` runs everything on a generated sample, or on your own export, in a temporary
/// folder. Exit codes: 0 done, 1 the answer is no or the input is wrong, 2 wrong usage, 3 our fault.
#[derive(Parser)]
#[command(name = "candor", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    /// The data directory [default: ./candor-data, or the variable CANDOR_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value = "text", value_name = "FORMAT")]
    output: OutputFormat,
    /// Print results only: no progress, no remarks
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Act as if it were this time, for reproducible runs
    #[arg(long, global = true, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Quickstart(quickstart::Arguments),
    Init(init::Arguments),
    #[command(subcommand)]
    Notice(notice::Command),
    Enrol(subject::EnrolArguments),
    #[command(subcommand)]
    Tenant(subject::TenantCommand),
    #[command(subcommand)]
    Consent(consent::Command),
    #[command(subcommand)]
    Policy(policy::Command),
    Import(import::Arguments),
    Serve(serve::Arguments),
    #[command(subcommand)]
    Gateway(gateway::Command),
    #[command(subcommand)]
    Portal(portal::Command),
    #[command(subcommand)]
    Release(release::Command),
    Train(train::Arguments),
    #[command(subcommand)]
    Probe(probe::Command),
    Prove(proof::ProveArguments),
    Verify(proof::VerifyArguments),
    Deid(deid::Arguments),
    Export(export::Arguments),
    Erase(forget::EraseArguments),
    #[command(subcommand)]
    Request(request::Command),
    Recall(forget::RecallArguments),
    #[command(subcommand)]
    Retention(forget::RetentionCommand),
    #[command(subcommand)]
    Keys(keys::Command),
    #[command(subcommand)]
    Log(log::Command),
    #[command(subcommand)]
    Witness(witness::Command),
    #[command(subcommand)]
    Breach(breach::Command),
    #[command(subcommand)]
    Config(config_command::Command),
    Sample(sample::Arguments),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    edge::refuse_to_die_of_large_files();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<AnswerIsNo>() => ExitCode::from(1),
        Err(error) => {
            use std::io::Write;
            // Nothing can be done if standard error is gone.
            let _ = writeln!(std::io::stderr().lock(), "candor: {error:#}");
            ExitCode::from(failure::kind(&error).exit_code())
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let from_environment = || edge::variable("CANDOR_DATA").map(PathBuf::from);
    let data = arguments.data.or_else(from_environment).unwrap_or_else(|| PathBuf::from("candor-data"));
    // An auditor's command must not depend on whatever lies in the current folder.
    let config = match arguments.command {
        Command::Verify(_)
        | Command::Log(log::Command::Verify(_))
        | Command::Witness(_)
        | Command::Completions { .. } => config::Config::default(),
        _ => config::Config::load(&data)?,
    };
    let context = Context {
        config,
        data,
        format: arguments.output,
        quiet: arguments.quiet,
        now: edge::now(arguments.now),
    };
    match arguments.command {
        Command::Quickstart(arguments) => quickstart::run(&context, &arguments),
        Command::Init(arguments) => init::run(&context, &arguments),
        Command::Notice(command) => notice::run(&context, &command),
        Command::Enrol(arguments) => subject::enrol(&context, &arguments),
        Command::Tenant(command) => subject::tenant(&context, &command),
        Command::Consent(command) => consent::run(&context, &command),
        Command::Policy(command) => policy::run(&context, &command),
        Command::Import(arguments) => import::run(&context, &arguments),
        Command::Serve(arguments) => serve::run(&context, &arguments),
        Command::Gateway(command) => gateway::run(&context, &command),
        Command::Portal(command) => portal::run(&context, &command),
        Command::Release(command) => release::run(&context, &command),
        Command::Train(arguments) => train::run(&context, &arguments),
        Command::Probe(command) => probe::run(&context, &command),
        Command::Prove(arguments) => proof::prove(&context, &arguments),
        Command::Verify(arguments) => proof::verify(&context, &arguments),
        Command::Deid(arguments) => deid::run(&context, &arguments),
        Command::Export(arguments) => export::run(&context, &arguments),
        Command::Erase(arguments) => forget::erase(&context, &arguments),
        Command::Request(command) => request::run(&context, &command),
        Command::Recall(arguments) => forget::recall(&context, &arguments),
        Command::Retention(command) => forget::retention(&context, &command),
        Command::Keys(command) => keys::run(&context, &command),
        Command::Log(command) => log::run(&context, &command),
        Command::Witness(command) => witness::run(&context, &command),
        Command::Breach(command) => breach::run(&context, &command),
        Command::Config(command) => config_command::run(&context, &command),
        Command::Sample(arguments) => sample::run(&context, &arguments),
        Command::Completions { shell } => {
            let mut command = <Arguments as clap::CommandFactory>::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "candor", &mut script);
            context.print(&String::from_utf8_lossy(&script))
        }
    }
}
