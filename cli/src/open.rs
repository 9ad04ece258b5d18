//! From the command line to a running phone.

use std::sync::Arc;

use cooee_audio::OpenDevice;
use cooee_engine::{DesktopPlatform, Engine, EngineConfig, EngineEvent, StoreLocation};
use cooee_net::Trust;
use cooee_sdp::Codec;

use crate::args::{Common, Sound};
use crate::commands::account::warnings;
use crate::commands::devices::Chosen;
use crate::exit::{Exit, Failure};
use crate::home;
use crate::line::Line;
use crate::report::Reporter;
use crate::sound::{Opener, is_there};

/// What a command needs a phone for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To look at what is stored; nothing is sent.
    Stored,
    /// To make a call.
    Call,
    /// To look at the account's servers as a device of its own, which takes no calls.
    Look,
    /// To call oneself as a device of its own.
    Test,
    /// To take calls, a few at once.
    Reachable,
    /// To take one call at a time.
    OneCall,
}

/// So many calls a person can still tell apart.
const CALLS: usize = 4;

/// Authorities from `--trust`.
pub fn trust(common: &Common) -> anyhow::Result<Trust> {
    common
        .trust
        .iter()
        .try_fold(Trust::nobody(), |trust, file| trust.with_file(file).map_err(|error| Failure::new(Exit::Local, error.to_string()).into()))
}

/// Codecs from `--codec`; `None` for the usual ones.
fn codecs(names: &[String]) -> anyhow::Result<Option<Vec<Codec>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let named = names.iter().map(|name| {
        Codec::by_name(name).ok_or_else(|| {
            Failure::new(Exit::Local, format!("There is no codec “{name}” here. Choose from opus, g722, pcma, pcmu.")).into()
        })
    });
    let codecs = named.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Some(Codec::with_telephone_events(codecs)))
}

/// The configuration that the command line asks for.
pub fn config(common: &Common, sound: &Sound, purpose: Purpose, reporter: &Arc<Reporter>) -> anyhow::Result<EngineConfig> {
    let home = home::folder(common.home.as_deref())?;
    let store = StoreLocation::File(home.join("cooee.db"));
    let device: Arc<dyn OpenDevice> = Arc::new(Opener::new(sound, Arc::clone(reporter))?);
    let mut config = EngineConfig::new(Arc::new(DesktopPlatform::new(home).metered(common.metered)), store, device);
    config.online = purpose != Purpose::Stored;
    config.take_calls = matches!(purpose, Purpose::Reachable | Purpose::OneCall | Purpose::Look | Purpose::Test);
    config.passing = matches!(purpose, Purpose::Look | Purpose::Test);
    config.phone.max_calls = match purpose {
        Purpose::OneCall => 1,
        Purpose::Look => 0,
        _ => CALLS,
    };
    config.extra_trust = trust(common)?;
    config.dns.servers.clone_from(&common.dns);
    config.telephones_from = common.region;
    config.codecs = codecs(&sound.codec)?;
    config.low_data = sound.low_data;
    Ok(config)
}

/// Lets calls use the devices that were chosen once and for all, where this command names no others.
async fn use_chosen(engine: &Engine, sound: &Sound, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let Chosen { microphone, speaker } = Chosen::read(engine).await?;
    let (mut microphone, mut speaker) = (
        microphone.filter(|_| sound.speak.is_none() && sound.microphone.is_none()),
        speaker.filter(|_| sound.record.is_none() && sound.speaker.is_none()),
    );
    for (kind, choice) in [("microphone", &mut microphone), ("speaker", &mut speaker)] {
        let (hears, plays) = if kind == "microphone" { (choice.as_deref(), None) } else { (None, choice.as_deref()) };
        if let Err(error) = is_there(hears, plays) {
            reporter.tell(&Line::Note { text: format!("Your {kind} is not used: {error}. Choose another: cooee devices --{kind} NAME") });
            *choice = None;
        }
    }
    if microphone.is_none() && speaker.is_none() {
        return Ok(());
    }
    let sound = Sound { microphone: microphone.or(sound.microphone.clone()), speaker: speaker.or(sound.speaker.clone()), ..sound.clone() };
    let device = Opener::new(&sound, Arc::clone(reporter))?;
    Ok(engine.use_device(Arc::new(device)).map_err(|refused| Failure::new(Exit::Local, refused.to_string()))?)
}

/// What is stored, for as long as `act` takes; nothing is sent.
pub async fn stored<T>(
    common: &Common,
    reporter: &Arc<Reporter>,
    act: impl AsyncFnOnce(&Engine) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let engine = phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let done = act(&engine).await;
    engine.shut_down().await;
    done
}

/// The same for a change, which must have been kept.
pub async fn changed<T>(common: &Common, reporter: &Arc<Reporter>, act: impl FnOnce(&Engine) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let engine = phone(common, &Sound::default(), Purpose::Stored, reporter).await?;
    let done = act(&engine);
    engine.shut_down().await;
    let done = done?;
    while let Some(event) = engine.next_event().await {
        if let EngineEvent::Trouble(trouble) = event {
            return Err(Failure::new(Exit::Local, format!("Not kept: {trouble}.")).into());
        }
    }
    Ok(done)
}

/// A phone, started.
pub async fn phone(common: &Common, sound: &Sound, purpose: Purpose, reporter: &Arc<Reporter>) -> anyhow::Result<Engine> {
    let engine = Engine::start(config(common, sound, purpose, reporter)?).await?;
    if purpose != Purpose::Stored {
        use_chosen(&engine, sound, reporter).await?;
        for account in engine.stored_accounts().await? {
            let (address, options) = (account.address.reveal(), &account.options);
            warnings(address, options.transport, options.protection).for_each(|text| reporter.tell(&Line::Note { text }));
        }
    }
    Ok(engine)
}
