"""What the services tell each other: business words, frozen models, no I/O."""
