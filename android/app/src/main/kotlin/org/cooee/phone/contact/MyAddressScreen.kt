package org.cooee.phone.contact

import android.content.Context
import android.content.Intent
import android.widget.ImageView
import org.cooee.phone.R
import org.cooee.phone.screen.Page
import org.cooee.phone.screen.Screen

/** My address as a code for others' cameras, and to share. */
class MyAddressScreen(
    private val context: Context,
    model: MyAddressModel,
    private val page: Page = Page(context, context.getString(R.string.settings_my_address)) { model.on(MyAddressEvent.Back) },
) : Screen<MyAddressState, MyAddressEvent>(model, page.root) {
    override fun draw(state: MyAddressState) =
        page.draw {
            state.addresses.forEach { address ->
                put<ImageView>(R.layout.piece_code) {
                    setImageDrawable(QrCode.draw(address, resources))
                    contentDescription = context.getString(R.string.my_address_code, address)
                }
                card(address)
                button(R.string.share) { share(address) }
            }
            small(context.getString(R.string.my_address_about))
        }

    private fun share(address: String) {
        val says = context.getString(R.string.my_address_share, address)
        val text = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, says)
        context.startActivity(Intent.createChooser(text, context.getString(R.string.share)))
    }
}
