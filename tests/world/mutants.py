"""`make simulate-mutants`: removes one rule of the design after the other, and tells which seed noticed.

Each rule is taken out of a copy of the sources by replacing a text that must be there exactly once, the copy's simulation
is built and run for a thousand seeds. A rule that is missed by all of them fails the run: either nothing depends on it, or
the simulation doesn't see what does.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants"
SEEDS = 1000

CORE = "functions/shared/core/src"
FLOWS = "functions/shared/flows/src"
WORLD = "tests/world/src"


@dataclass(frozen=True)
class Mutant:
    """A rule, and the edits that take it out: file, text, what stands there instead."""

    rule: str
    edits: tuple[tuple[str, str, str], ...]


def mutant(rule: str, *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(rule, edits)


MUTANTS = [
    mutant(
        "a watchdog is sent before the job is stored",
        (f"{FLOWS}/submit.rs", "send(ports.queue, job, Message::Watch(job.id), FIRST_LOOK).await?;", ""),
    ),
    mutant(
        "a job is stored as queued before its client is told",
        (f"{FLOWS}/submit.rs", "let Some(step) = job.clone().queue() else {", "let Some(step) = None::<darkroom_core::job::Step> else {"),
    ),
    mutant(
        "a rejected job gives its unit back",
        (f"{CORE}/job.rs", "self.step(JobState::Rejected { at: now }).releasing()", "self.step(JobState::Rejected { at: now })"),
    ),
    mutant(
        "what is postponed is given up after an hour, not before",
        (f"{CORE}/delivery.rs", "now.since(since) < MAX_POSTPONED", "false"),
    ),
    mutant(
        "a job completes when its result lies where else it is wanted",
        (f"{FLOWS}/capture.rs", "    deposit(ports, job, token, &artifact).await?;\n", ""),
    ),
    mutant(
        "an ended job gives its place back",
        (f"{CORE}/job.rs", "self.job.order.holds_place && self.job.has_ended()", "false"),
    ),
    mutant(
        "a transition of a job is stored only from where it began",
        (f"{WORLD}/job_store.rs", "if stored.version != step.from_version {", "if false {"),
    ),
    mutant(
        "an accepted job is recognised as one's own when its reply was lost",
        (f"{WORLD}/job_store.rs", "Some(stored) if stored.order == job.order => return Acceptance::Stored,", ""),
        (f"{WORLD}/job_store.rs", "Some(_) => return Acceptance::IdTaken,", "Some(_) => {}"),
    ),
    mutant(
        "one worker at a time has a job, until its lease lapses",
        (f"{CORE}/job.rs", "JobState::Rendering(held) if now < held.lease_until => {", "JobState::Rendering(held) if held.lease_until < held.at => {"),
    ),
    mutant(
        "claims are counted, and the fourth ends the job",
        (f"{CORE}/job.rs", "if self.claims >= MAX_CLAIMS {", "if false {"),
    ),
    mutant(
        "each claim has a result's key of its own",
        (f"{FLOWS}/capture.rs", "let key = ArtifactKey::of(job.id, token);", "let key = ArtifactKey::of(job.id, ClaimToken::from_random([0; 16]));"),
    ),
    mutant(
        "an ended job that may be unannounced is announced again",
        (f"{FLOWS}/capture.rs", "            announce(ports.queue, &job).await?;\n", ""),
        (f"{FLOWS}/follow.rs", "        announce(ports.queue, job).await?;\n", ""),
    ),
    mutant(
        "an attempt is claimed in the ledger before it is made",
        (f"{FLOWS}/deliver.rs", "if ports.ledger.advance(claim).await? == Advance::Raced {", "if false {"),
    ),
    mutant(
        "one notifier at a time makes an attempt, until its lease lapses",
        (f"{CORE}/delivery.rs", "Phase::Claimed { number, lease_until, .. } => (number, lease_until),", "Phase::Claimed { number, .. } => (number, now),"),
    ),
    mutant(
        "what another notifier may be sending by now is not sent",
        (f"{CORE}/delivery.rs", "lease_until - AFTER_POST - post_budget(body)", "{ let _ = body; lease_until + LONG_AFTER }"),
        (f"{CORE}/delivery.rs", "/// And recording what came of it.", "const LONG_AFTER: Duration = Duration::from_secs(86_400);\n"),
    ),
    mutant(
        "an attempt is never made before it is due",
        (f"{CORE}/delivery.rs", "Phase::Due { number, at } => (number, at),", "Phase::Due { number, .. } => (number, now),"),
    ),
    mutant(
        "a capture whose client waits is never queued",
        (f"{FLOWS}/follow.rs", "if job.order.mode == Mode::Synchronous {", "if false {"),
    ),
    mutant(
        "whoever waited is sent away only when nobody will render",
        (f"{FLOWS}/obtain.rs", "&& ports.jobs.advance(&step).await.map_err(unknown)? == Advance::Done", ""),
    ),
    mutant(
        "a place in the cache is taken only from whose it was read to be",
        (f"{WORLD}/job_store.rs", "if taken.is_some() && taken !=", "if taken.is_some() && taken.is_none() && taken !="),
    ),
    mutant(
        "an equal capture that is under way is waited for",
        (f"{FLOWS}/recall.rs", "Worth::Promise => Recalled::Promised(job, next),", "Worth::Promise => Recalled::Missing(next),"),
    ),
    mutant(
        "a result that is too old is not taken",
        (f"{CORE}/cache.rs", "} else if age < self.fresh_for.saturating_add(self.stale_for) {", "} else if age >= self.fresh_for {"),
    ),
    mutant(
        "an attempt counts only when it is recorded",
        (f"{CORE}/delivery.rs", "        let lease_until = now + lease;\n", "        let lease_until = now + lease;\n        let number = number + 1;\n"),
    ),
    mutant(
        "a rejected job frees its idempotency key",
        (f"{CORE}/job.rs", "let JobState::Rejected { at } = self.job.state else { return None };", "let JobState::Queued = self.job.state else { return None };\n        let at = self.job.order.accepted_at;"),
    ),
    mutant(
        "a repeat is answered only when the first request's job is queued",
        (f"{FLOWS}/submit.rs", "JobState::Accepted | JobState::Rejected { .. } => {\n            Err(Refusal::IdempotencyKeyBusy { retry_after: RETRY_AFTER })\n        }\n        JobState::Queued", "JobState::Rejected { .. } => {\n            Err(Refusal::IdempotencyKeyBusy { retry_after: RETRY_AFTER })\n        }\n        JobState::Accepted\n        | JobState::Queued"),
    ),
    mutant(
        "a key that another job has is never taken",
        (f"{WORLD}/job_store.rs", "if let Some((first, _)) = kept.filter(|(_, until)| *until > job.order.accepted_at) {", "if let Some((first, _)) = kept.filter(|_| false) {"),
    ),
    mutant(
        "a stored specification goes when its job has ended, whoever ended it",
        (f"{FLOWS}/follow.rs", "SpecPlace::Stored(key) => ports.artifacts.delete_input(key).await,", "SpecPlace::Stored(_) => Ok(()),"),
    ),
]


def copy_sources() -> None:
    """The tracked files, and those that aren't yet; what hasn't changed keeps its time, so that cargo builds little."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.toml", "*.lock", "functions"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    for name in set(listed.stdout.splitlines()):
        source, target = ROOT / name, COPY / name
        if not source.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)


def edited(edits: tuple[tuple[str, str, str], ...]) -> dict[Path, str]:
    """The files as they were, once they are edited."""
    before: dict[Path, str] = {}
    for name, text, instead in edits:
        path = COPY / name
        now = path.read_text()
        before.setdefault(path, now)
        if now.count(text) != 1:
            sys.exit(f"{name} has {now.count(text)} times, not once: {text}")
        path.write_text(now.replace(text, instead))
    return before


def simulate() -> tuple[bool, str]:
    """Whether every seed held, and the first line of what the first one saw, or the last line."""
    env = {**os.environ, "CARGO_TARGET_DIR": str(COPY / "target"), "RUSTFLAGS": "-Awarnings"}
    built = subprocess.run(
        ["cargo", "build", "--locked", "--quiet", "-p", "darkroom-world", "--bin", "simulate"],
        cwd=COPY, env=env, capture_output=True, text=True,
    )
    if built.returncode != 0:
        sys.exit(built.stderr)
    ran = subprocess.run([COPY / "target/debug/simulate", str(SEEDS)], capture_output=True, text=True)
    lines = ran.stdout.splitlines()
    seen = next((line for line in lines if re.match(r"seed \d+:", line)), lines[-1])
    return ran.returncode == 0, seen


def main() -> None:
    copy_sources()
    held, line = simulate()
    if not held:
        sys.exit(f"with every rule in place: {line}")
    print(f"every rule in place: {line}")
    missed = 0
    for it in MUTANTS:
        before = edited(it.edits)
        try:
            held, line = simulate()
        finally:
            for path, text in before.items():
                path.write_text(text)
        missed += held
        print(f"{'MISSED' if held else 'caught'}  {it.rule}\n        {line[:150]}", flush=True)
    print(f"{len(MUTANTS)} rules removed one by one, {len(MUTANTS) - missed} caught within {SEEDS} seeds, {missed} missed")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
