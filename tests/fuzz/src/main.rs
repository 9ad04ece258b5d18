//! `cargo run -p cooee-fuzz -- [--target sip] [--seed 1] [--count 1000000] [--from 0] [--save DIR]`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command says what it found")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use cooee_fuzz::{Target, fixtures, mutant};

struct Options {
    targets: Vec<Target>,
    seed: u64,
    from: u64,
    count: u64,
    save: PathBuf,
}

fn options() -> Result<Options, String> {
    let save = fixtures().join("crashers");
    let mut options = Options { targets: Target::ALL.to_vec(), seed: 1, from: 0, count: 1_000_000, save };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} needs a number, not {value}"));
        match name.as_str() {
            "--target" => options.targets = vec![Target::from_name(&value).ok_or_else(|| format!("there is no target {value}"))?],
            "--seed" => options.seed = number()?,
            "--from" => options.from = number()?,
            "--count" => options.count = number()?,
            "--save" => options.save = PathBuf::from(value),
            _ => return Err(format!("unknown option {name}; there are --target, --seed, --from, --count and --save")),
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

fn feed(target: Target, options: &Options) -> usize {
    let corpus = target.corpus();
    let (begun, name, seed) = (Instant::now(), target.name(), options.seed);
    let mut crashes = 0;
    for number in options.from..options.from.saturating_add(options.count) {
        let input = mutant(&corpus, seed, number);
        let Err(words) = target.survives(&input) else { continue };
        crashes += 1;
        let path = options.save.join(format!("{name}-{seed}-{number}.bin"));
        println!("{name}: {words}\n  again: --target {name} --seed {seed} --from {number} --count 1");
        match std::fs::create_dir_all(&options.save).and_then(|()| std::fs::write(&path, &input)) {
            Ok(()) => println!("  kept:  {}", path.display()),
            Err(why) => println!("  not kept: {why}"),
        }
        if crashes >= MAX_CRASHES {
            println!("{name}: that is enough");
            break;
        }
    }
    println!("{name}: seed {seed}, {} mutants, {crashes} crashes, {:.1} s", options.count, begun.elapsed().as_secs_f64());
    crashes
}
