//! `cargo run -p cooee-fuzz -- [--target sip] [--seed 1] [--count 1000000 | --seconds 300] [--from 0] [--save DIR]`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command says what it found")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cooee_fuzz::{Crash, Fuzzer, Target, fixtures};

struct Options {
    targets: Vec<Target>,
    seed: u64,
    from: u64,
    /// Mutants in all, by the targets' shares.
    count: u64,
    /// For each target; then the count does not matter.
    seconds: Option<u64>,
    save: PathBuf,
}

fn options() -> Result<Options, String> {
    let save = fixtures().join("crashers");
    let mut options = Options { targets: Target::ALL.to_vec(), seed: 1, from: 0, count: 1_000_000, seconds: None, save };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} needs a number, not {value}"));
        match name.as_str() {
            "--target" => options.targets = vec![Target::from_name(&value).ok_or_else(|| format!("there is no target {value}"))?],
            "--seed" => options.seed = number()?,
            "--from" => options.from = number()?,
            "--count" => options.count = number()?,
            "--seconds" => options.seconds = Some(number()?),
            "--save" => options.save = PathBuf::from(value),
            _ => return Err(format!("unknown option {name}; there are --target, --seed, --from, --count, --seconds and --save")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    std::panic::set_hook(Box::new(|_| {}));
    let crashes: usize = options.targets.iter().map(|target| feed(*target, &options)).sum();
    if crashes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Enough to work on.
const MAX_CRASHES: usize = 20;

/// How many numbers a target is fed: its share of the budget, or all of it when it is alone.
fn numbers(target: Target, options: &Options) -> u64 {
    if options.seconds.is_some() {
        return u64::MAX;
    }
    let share = if options.targets.len() == 1 { 100 } else { target.share() };
    (options.count * share).div_ceil(100 * target.mutants())
}

fn feed(target: Target, options: &Options) -> usize {
    let fuzzer = Fuzzer::new(target);
    let (begun, name, seed) = (Instant::now(), target.name(), options.seed);
    let end = options.seconds.map(|seconds| begun + Duration::from_secs(seconds));
    let (mut crashes, mut fed) = (0, 0);
    for number in options.from..options.from.saturating_add(numbers(target, options)) {
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        fed += 1;
        let Err(crash) = fuzzer.feed(seed, number) else { continue };
        crashes += 1;
        tell(target, options, number, &crash);
        if crashes >= MAX_CRASHES {
            println!("{name}: that is enough");
            break;
        }
    }
    let mutants = fed * target.mutants();
    println!("{name}: seed {seed}, {mutants} mutants in {fed} runs, {crashes} crashes, {:.1} s", begun.elapsed().as_secs_f64());
    crashes
}

fn tell(target: Target, options: &Options, number: u64, crash: &Crash) {
    let (name, seed) = (target.name(), options.seed);
    println!("{name}: {}", crash.words);
    println!("  again: --target {name} --seed {seed} --from {number} --count 1");
    if let Some(input) = &crash.input {
        let path = options.save.join(format!("{name}-{seed}-{number}.bin"));
        match std::fs::create_dir_all(&options.save).and_then(|()| std::fs::write(&path, input)) {
            Ok(()) => println!("  kept:  {}", path.display()),
            Err(why) => println!("  not kept: {why}"),
        }
    }
}
