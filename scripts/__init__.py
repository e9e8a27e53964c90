"""Commands for developers: each is run by a make target."""
