"""A chain of clinics that never existed, with weeks of plausible days, played through the services themselves."""
