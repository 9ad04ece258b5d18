package org.cooee.model.engine

import org.cooee.core.Advice
import org.cooee.core.Fact
import org.cooee.core.StorySide
import org.cooee.model.Past
import org.cooee.model.Remedy
import org.cooee.model.Side
import org.cooee.model.Step
import org.cooee.model.Story
import org.cooee.model.Why
import org.cooee.core.Story as EngineStory

internal fun EngineStory.toModel(past: Past) =
    Story(
        past = past,
        rang = if (past.incoming) null else steps.any { it.fact is Fact.RangThere },
        verdict =
            verdict?.run { Why(Wording.of(fact), side?.toModel() ?: Side.NOBODY, advice.takeIf { it != Advice.NOTHING }?.let(Wording::of)) }
                ?: checkNotNull(past.why),
        remedy = verdict?.advice?.toModel(),
        steps = steps.map { Step(it.after.toMillis(), it.side.toModel(), Wording.of(it.fact)) },
    )

private fun StorySide.toModel() = Side.valueOf(name)

/** None where a button of the app cannot help. */
private fun Advice.toModel() =
    when (this) {
        Advice.CALL_AGAIN, Advice.CALL_LATER -> Remedy.CALL_AGAIN
        Advice.CALL_BACK -> Remedy.CALL_BACK
        Advice.USE_TELEPHONE -> Remedy.TELEPHONE
        Advice.ADD_ACCOUNT, Advice.ADD_ACCOUNT_AGAIN, Advice.CHECK_ACCOUNT, Advice.CHECK_NETWORK, Advice.ALLOW_CALLER -> Remedy.SETTINGS
        else -> null
    }
