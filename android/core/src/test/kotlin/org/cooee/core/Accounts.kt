package org.cooee.core

import org.cooee.stage.Server

// What a phone needs of a server, in the words of the bindings.

/** The authority that signed its certificate. */
val Server.root get() = CertificateRoot(certificate.encoded, RootOrigin.USER)

fun Server.account(
    name: String,
    password: String = password(name),
) = NewAccount("$name@cooee.test", Credentials.Password(password), AccountOptions(proxy = address))
