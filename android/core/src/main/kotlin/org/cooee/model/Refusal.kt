package org.cooee.model

/** The core does not do that, and says why. Nothing has happened. */
class Refusal(val why: Phrase) : Exception(why.name)
