package org.cooee.model

/** What somebody signs in with. Empty fields are as usual. */
data class NewAccount(
    val address: String,
    val password: String,
    /** Where to connect to, in place of the address's domain. */
    val proxy: String = "",
    /** The login name, where it is not the address's user part. */
    val login: String = "",
    /** The SHA-256 of the only authority to believe, or of the server's certificate, in hexadecimal. */
    val pin: String = "",
) {
    override fun toString() = "NewAccount"
}
