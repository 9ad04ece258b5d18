package org.cooee.phone.requests

import android.content.Context
import org.cooee.model.Names
import org.cooee.model.Request
import org.cooee.phone.R
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Screen
import org.cooee.phone.words.day
import org.cooee.phone.words.say

/** One card a stranger: who, proven by whom, their line, when; allow, block. */
class RequestsScreen(
    private val context: Context,
    model: RequestsModel,
    private val page: Page = Page(context, context.getString(R.string.settings_requests)) { model.on(RequestsEvent.Back) },
) : Screen<RequestsState, RequestsEvent>(model, page.root) {
    override fun draw(state: RequestsState) =
        page.draw {
            small(context.getString(R.string.requests_about))
            state.requests.forEach { request(it) }
            if (state.read && state.requests.isEmpty()) text(context.getString(R.string.requests_empty))
            if (state.allowed.isNotEmpty()) heading(R.string.requests_allowed)
            state.allowed.forEach { whom ->
                line(Names.tame(whom), R.drawable.ic_check, R.string.remove) { model.on(RequestsEvent.Disallow(whom)) }
            }
            if (state.blocked.isNotEmpty()) heading(R.string.requests_blocked)
            state.blocked.forEach { whom ->
                line(Names.tame(whom), R.drawable.ic_block, R.string.contact_unblock) { model.on(RequestsEvent.Unblock(whom)) }
            }
        }

    private fun Page.request(request: Request) {
        val name = Names.of(request.person)
        val who = if (request.times > 1) context.getString(R.string.recents_times, Names.isolate(name), request.times) else name
        val lines = listOf(who, context.say(request.introduction), context.day(request.at))
        card(lines.joinToString("\n")).setOnClickListener { model.on(RequestsEvent.Open(request)) }
        tonal(R.string.requests_allow) { model.on(RequestsEvent.Allow(request)) }
        danger(R.string.contact_block) { model.on(RequestsEvent.Block(request)) }
    }
}
